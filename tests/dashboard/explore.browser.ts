import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  freePort,
  mintToken,
  type PlatformProcess,
  runCli,
  startPlatformProcess,
} from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage, type PageOptions } from './open-page.ts';

/** What a device could try to have run, opened or reordered. */
const hostile = [
  '<script>globalThis.pwned = 1</script>',
  '<img src=x onerror="globalThis.pwned = 1">',
  '=HYPERLINK("http://evil","x")',
  "'; DROP TABLE events; --",
  '\u001b[31mred\u202Etxt.exe',
];

describe.skipIf(chromiumPath === undefined)('the pages in Chromium, on the real platform', () => {
  let folder: string;
  let platform: PlatformProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-pages-'));
    const args = ['--port', String(await freePort()), '--data-dir', folder, '--no-agent'];
    // Stored events are counted.
    platform = await startPlatformProcess(args, { OPENFRAME_DEVICE_EVENTS: 'off' });
    browser = await launchChromium();
    const { url } = platform.ready;
    const token = await mintToken(folder, 'agent');
    const fleet = ['--agents', '12', '--rate', '100', '--duration', '6s', '--server', url, '--token', token];
    const { code, stderr } = await runCli(['simulate', ...fleet]);
    if (code !== 0) throw new Error(stderr);
    const sent = await fetch(`${url}/ingest/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(
        hostile.map((text, i) => ({
          specversion: '1.0',
          id: `hostile-${i}`,
          source: '/agents/hostile',
          type: 'openframe.log',
          time: new Date().toISOString(),
          subject: 'hostile',
          data: { message: `hostile ${text}`, severityText: 'ERROR' },
        })),
      ),
    });
    if (sent.status !== 202) throw new Error(await sent.text());
  }, 180_000);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(path: string, options: PageOptions = {}): Promise<Page> {
    return openPage(browser, platform.ready, path, options);
  }

  async function totalOf(page: Page): Promise<number> {
    const heading = page.locator('#explore-total[data-total]');
    await heading.waitFor();
    return Number(await heading.getAttribute('data-total'));
  }

  it('leads from a figure to its rows, to a device, and Back again', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: /Errors/ }).click();
    await page.waitForURL('**/explore?severities=ERROR&severities=CRITICAL');
    await page.locator('.row-line').first().click();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /^Open / })
      .click();
    await page.getByRole('heading', { name: 'Inventory' }).waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('has one question: facet, total, rows and CSV agree, also in a second browser by the link', async () => {
    const page = await open('/explore');
    const all = await totalOf(page);
    const facet = page.getByRole('complementary').getByRole('button', { name: /^Warning/ });
    await facet.waitFor();
    await facet.click();
    await page.waitForURL('**severities=WARNING');
    await page.waitForFunction(`document.querySelector('#explore-total')?.dataset.total !== '${all}'`);
    // A frozen stretch of time has the same numbers whoever asks, and whenever.
    const address = new URL(page.url());
    address.searchParams.set('from', new Date(Date.now() - 600_000).toISOString());
    address.searchParams.set('to', new Date(Date.now() + 60_000).toISOString());
    await page.goto(address.href);
    const total = await totalOf(page);
    expect(total).toBeGreaterThan(0);
    const counted = await facet.locator('.facet-count').textContent();
    expect(Number(counted?.replaceAll(',', ''))).toBe(total);
    const csv = await page.evaluate<string>(
      'fetch(document.querySelector(\'a[href*="format=csv"]\').href).then((answer) => answer.text())',
    );
    expect(csv.trim().split('\r\n')).toHaveLength(total + 1);
    const other = await open(address.pathname + address.search);
    expect(await totalOf(other)).toBe(total);
  });

  it('is one journey from a figure to the whole result in another browser', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: /Errors/ }).click();
    await page.waitForURL('**severities=ERROR&severities=CRITICAL');
    const total = await totalOf(page);
    expect(total).toBeGreaterThanOrEqual(hostile.length);
    await page.locator('.row-line').first().click();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /^Open / })
      .click();
    await page.getByRole('heading', { name: 'Inventory' }).waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Name of this view').fill('The journey');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'The journey' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    const link = (await page.getByRole('dialog').getByLabel('Command').textContent()) ?? '';
    expect(link).toMatch(/\/l\/[\w-]{12}$/);
    const other = await open(new URL(link).pathname);
    await other.waitForURL('**/explore?from=*');
    expect(await totalOf(other)).toBe(total);
    const csv = await other.evaluate<string>(
      'fetch(document.querySelector(\'a[href*="format=csv"]\').href).then((answer) => answer.text())',
    );
    expect(csv.trim().split('\r\n')).toHaveLength(total + 1);
  });

  it('offers a second value beside the chosen one, with what it would add', async () => {
    const page = await open('/explore?severities=WARNING');
    const facet = page.getByRole('complementary').getByRole('button', { name: /^Error/ });
    await facet.waitFor();
    expect(Number((await facet.locator('.facet-count').textContent())?.replaceAll(',', ''))).toBeGreaterThan(
      0,
    );
    await facet.click();
    await page.waitForURL('**severities=WARNING&severities=ERROR');
  });

  it('zooms by a drag, and Back undoes it', async () => {
    const page = await open('/explore?range=15m');
    const before = await totalOf(page);
    const box = await page.locator('.explore-chart canvas').boundingBox();
    if (box === null) throw new Error('There is no chart.');
    await page.mouse.move(box.x + box.width * 0.3, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL('**from=**');
    await page.goBack();
    await page.waitForURL('**/explore?range=15m');
    expect(await totalOf(page)).toBe(before);
  });

  it('keeps a view for the team, which another browser opens', async () => {
    const page = await open('/explore?severities=ERROR');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Name of this view').fill('Errors now');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Errors now' }).waitFor();
    const other = await open('/explore');
    await other.getByRole('button', { name: 'Views' }).click();
    await other.getByRole('link', { name: 'Errors now' }).click();
    await other.waitForURL('**severities=ERROR');
  });

  it('shows hostile text as text, and runs none of it', async () => {
    const page = await open('/explore?search=hostile');
    await page
      .locator('.row-line')
      .nth(hostile.length - 1)
      .waitFor();
    const rows = await page.locator('.row-summary').allTextContents();
    expect(rows.toSorted()).toEqual(hostile.map((text) => `hostile ${text}`).toSorted());
    await page.locator('.row-line').first().click();
    await page.locator('.event-json').waitFor();
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
  });

  it('tails what matches, live', async () => {
    const page = await open('/explore?mode=tail');
    await page.getByText('Waiting for the next matching event').waitFor();
    const token = await mintToken(folder, 'agent');
    const fleet = ['--agents', '2', '--rate', '20', '--duration', '4s', '--server', platform.ready.url];
    await runCli(['simulate', ...fleet, '--token', token, '--seed', '9']);
    await page.locator('.event-line').first().waitFor();
  });

  it('runs GraphQL, and keeps the question in the address', async () => {
    const page = await open('/query');
    await page.getByLabel('Operation').fill('{ session { tenantId } }');
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.locator('.query-answer pre').getByText('"tenantId": "default"').waitFor();
    expect(new URL(page.url()).searchParams.get('query')).toBe('{ session { tenantId } }');
  });

  it('runs SQL on the tenant’s rows, explains it, and says what it refuses', async () => {
    const page = await open('/query?language=sql');
    const run = page.getByRole('button', { name: /^Run/ });
    await page.getByLabel('One SELECT').fill("SELECT count(*) AS n FROM events WHERE device_id = 'hostile'");
    await run.click();
    await page.locator('.sql-rows td').getByText(String(hostile.length), { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('sql')).toContain('count(*)');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('.sql-rows td').getByText('tenant_id').first().waitFor();
    await page.getByLabel('One SELECT').fill("SELECT * FROM read_csv('/etc/passwd')");
    await run.click();
    await page.getByRole('alert').getByText('is not known here').waitFor();
  });

  it('goes anywhere by the keyboard', async () => {
    const page = await open('/');
    await page.locator('.tile').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL('**/explore');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Page, device, words of an event…').fill('pipel');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pipelines');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  });

  it('tells four blanks apart, each with a next step', async () => {
    const page = await open('/explore?search=nothinghasthisword');
    await page.getByText('No events match the filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.goto(
      `${platform.ready.url}/explore?from=2001-01-01T00:00:00.000Z&to=2001-01-02T00:00:00.000Z`,
    );
    await page.getByText('Nothing came in this time').waitFor();
    await page.getByRole('button', { name: 'Show the newest' }).click();
    await page.locator('.row-line').first().waitFor();
    await page.goto(`${platform.ready.url}/nowhere`);
    expect((await page.textContent('body')) ?? '').toContain('NOT_FOUND');
  });

  const pages = ['/explore', '/devices', '/devices/hostile', '/pipelines', '/query', '/query?language=sql'];

  it.each(pages.flatMap((path) => looks.map(([scheme, width]) => [path, scheme, width] as const)))(
    '%s has no serious finding of axe and no sideways scroll: %s, %d px',
    async (path, scheme, width) => {
      const page = await open(path, lookOptions(scheme, width));
      await page.locator('.panel').first().waitFor();
      await page.locator('.completeness time').first().waitFor();
      await expectSound(page, width);
    },
  );
});
