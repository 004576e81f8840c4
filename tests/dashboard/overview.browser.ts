import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createAlertRegistry } from '../../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../../stores/embedded/documents.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { freePort, type PlatformProcess, startPlatformProcess } from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage } from './open-page.ts';

/** More than the wall lists: of them 30 critical, none with a score as high as the cut site's. */
const troubles = 230;
const critical = 30;
const cutSite = 'org-1: devices silent with the site';

/** A folder as a platform leaves it: with open troubles, and one site that is cut, whose devices are under it. */
async function keepIncidents(folder: string): Promise<void> {
  await using documents = createEmbeddedDocuments({ path: join(folder, 'documents.db') });
  const alerts = createAlertRegistry({ documents, clock: createSystemClock() });
  const tenantId = 'default';
  const edge = { kind: 'parent', alertId: 'site', gapMs: 2_000 } as const;
  const began = { incidentId: 'site', edge: null };
  await alerts.save([
    ...Array.from({ length: troubles }, (_, i) => {
      const severity = i < critical ? 'CRITICAL' : 'ERROR';
      return streamedAlert(i + 1, { tenantId, severity, score: 10 + (i % 60) });
    }),
    streamedAlert(0, { tenantId, alertId: 'site', title: cutSite, score: 100, hosts: 12, incident: began }),
    streamedAlert(900, {
      tenantId,
      alertId: 'under',
      title: 'server-1 is silent',
      score: 40,
      incident: { ...began, edge },
    }),
  ]);
}

function severity(page: Page, name: string): Locator {
  return page.getByRole('group', { name: 'Severity' }).getByRole('button', { name });
}

describe.skipIf(chromiumPath === undefined)('the overview in Chromium, on the real platform', () => {
  let folder: string;
  let args: readonly string[];
  let platform: PlatformProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-dashboard-'));
    args = ['--port', String(await freePort()), '--data-dir', folder];
    await keepIncidents(folder);
    platform = await startPlatformProcess(args);
    browser = await launchChromium();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function openOverview(width: number, scheme: 'light' | 'dark', view = ''): Promise<Page> {
    const page = await openPage(browser, platform.ready, `/${view}`, lookOptions(scheme, width));
    await page.locator('.device-row').first().waitFor();
    return page;
  }

  it('takes the token out of the address and keeps it out of reach of scripts', async () => {
    const page = await openOverview(1440, 'light');
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate<string>('document.cookie')).toBe('');
  });

  it('says that a token is wrong, and signs in with a right one', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${platform.ready.url}/#token=of_wrong`);
    await page.getByRole('alert').getByText('does not know this token').waitFor();
    await page.getByLabel('Access token').fill(platform.ready.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.device-row').first().waitFor();
  });

  it('shows the CPU of this machine moving', async () => {
    const page = await openOverview(1440, 'light');
    const curve = page.locator('.device-row .sparkline path').first();
    await page.waitForFunction(
      "document.querySelector('.device-row .sparkline path')?.getAttribute('d')?.includes('L')",
    );
    const before = await curve.getAttribute('d');
    await page.waitForFunction(
      "document.querySelector('.device-row .sparkline path')?.getAttribute('d')?.split('L').at(-1) !== " +
        JSON.stringify(before?.split('L').at(-1)),
    );
    expect(await page.locator('.device-share').first().textContent()).toMatch(/^\d+ %$/);
  });

  it('shows events as rows, each whole on demand, and stands still while one is open', async () => {
    const page = await openOverview(1440, 'dark', '?routine=show');
    await page.locator('.event-line').first().click();
    await page.locator('.event-whole pre').getByText('"eventTime"').waitFor();
    const first = await page.locator('.event-line').first().textContent();
    await page.getByRole('button', { name: /^Resume · \d+ new$/ }).waitFor();
    expect(await page.locator('.event-line').first().textContent()).toBe(first);
    await page.getByRole('button', { name: /^Resume/ }).click();
    await page.waitForFunction(
      `document.querySelector('.event-line')?.textContent !== ${JSON.stringify(first)}`,
    );
  });

  it('opens a device with its charts, and Back closes it', async () => {
    const page = await openOverview(1440, 'light');
    await page.locator('.device-open').first().click();
    await page.locator('.device-chart[data-resource="cpu"]:not([data-points="0"]) canvas').waitFor();
    await page.goBack();
    await page.locator('dialog').waitFor({ state: 'detached' });
  });

  it('keeps the view in the address: a reload shows the same, Back undoes', async () => {
    const page = await openOverview(1440, 'light');
    await page.getByRole('button', { name: '1 hour' }).click();
    await severity(page, 'Warning').click();
    expect(new URL(page.url()).search).toBe('?range=1h&severities=WARNING');
    await page.reload();
    expect(await page.getByRole('button', { name: '1 hour' }).getAttribute('aria-pressed')).toBe('true');
    await page.goBack();
    expect(await severity(page, 'Warning').getAttribute('aria-pressed')).toBe('false');
  });

  const countsSchema = z.object({
    total: z.int(),
    byStatus: z.object({ OPEN: z.int() }),
    bySeverity: z.object({ CRITICAL: z.int(), ERROR: z.int() }),
  });

  async function ask(path: string, method = 'GET'): Promise<unknown> {
    const headers = { authorization: `Bearer ${platform.ready.token}`, 'content-type': 'application/json' };
    const body = method === 'GET' ? null : '{}';
    const response = await fetch(`${platform.ready.url}/api/v1${path}`, { method, headers, body });
    expect(response.status).toBe(200);
    return response.json();
  }

  /** What the wall says of incidents, as soon as it is what the API counts: this machine may have alerts of its own. */
  async function wallCounts(page: Page): Promise<z.infer<typeof countsSchema>> {
    const textOf = (selector: string) => page.locator(selector).first().textContent();
    const numberOf = async (name: string) => {
      const dd = page.locator('.wall-figures > div').filter({ hasText: name }).locator('dd');
      return Number((await dd.textContent())?.replaceAll(',', ''));
    };
    let counts = countsSchema.parse(await ask('/incidents/stats?statuses=OPEN,ACKNOWLEDGED'));
    await expect
      .poll(
        async () => {
          counts = countsSchema.parse(await ask('/incidents/stats?statuses=OPEN,ACKNOWLEDGED'));
          const more = Number.parseInt((await textOf('.wall-more')) ?? '', 10);
          const total = more + (await page.locator('.wall-list li').count());
          const bySeverity = { CRITICAL: await numberOf('Critical'), ERROR: await numberOf('Errors') };
          const shown = { total, byStatus: { OPEN: await numberOf('Nobody took') }, bySeverity };
          return JSON.stringify(shown) === JSON.stringify(counts);
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(true);
    return counts;
  }

  it('shows a cut site first on the wall, counts more than it lists, and follows what people take', async () => {
    const page = await openPage(browser, platform.ready, '/wall', lookOptions('dark', 1440));
    const first = page.locator('.wall-list li').first();
    await first.getByText(cutSite).waitFor();
    expect(await first.locator('.wall-score').textContent()).toBe('100');
    const before = await wallCounts(page);
    expect(before.total).toBeGreaterThan(troubles);
    expect(before.bySeverity.CRITICAL).toBeGreaterThanOrEqual(critical);
    await expectSound(page, 1440);
    await ask('/alerts/a1/acknowledge', 'POST');
    await first.getByText(cutSite).waitFor();
    const after = await wallCounts(page);
    expect(after.total - after.byStatus.OPEN).toBe(before.total - before.byStatus.OPEN + 1);
  });

  it('shows a verdict on an alert of an incident, and takes it back', async () => {
    const page = await openPage(browser, platform.ready, '/incidents/site');
    const alert = page.locator('.alert-row[data-alert="under"]');
    await alert.getByRole('button', { name: 'Noise' }).click();
    await alert.getByRole('button', { name: 'Noise', pressed: true }).waitFor();
    expect(await page.getByRole('button', { pressed: true, name: /^(Useful|Noise)$/ }).count()).toBe(1);
    await alert.getByRole('link', { name: 'server-1 is silent' }).click();
    await page.getByRole('button', { name: 'Undo the last step' }).click();
    await page.getByRole('button', { name: 'Noise', pressed: false }).waitFor();
    await page.goBack();
    await alert.getByRole('button', { name: 'Noise', pressed: false }).waitFor();
    await alert.getByRole('button', { name: 'Useful', pressed: false }).waitFor();
  });

  it.each(looks)('has no serious finding of axe and no sideways scroll: %s, %d px', async (scheme, width) => {
    const page = await openOverview(width, scheme);
    await page.locator('.node-pipeline').first().waitFor();
    await page.locator('.event-line').first().waitFor();
    await expectSound(page, width);
  });

  it('says that the server is away, keeps the data, and recovers by itself', async () => {
    const page = await openOverview(1440, 'light');
    await platform.kill();
    await page.getByRole('status').getByText('Reconnecting').waitFor();
    expect(await page.locator('.device-row').count()).toBe(1);
    platform = await startPlatformProcess(args);
    await page.getByRole('status').getByText('Reconnecting').waitFor({ state: 'detached' });
    const newest = await page.locator('.as-of time').first().textContent();
    await page.waitForFunction(
      `document.querySelector('.as-of time')?.textContent !== ${JSON.stringify(newest)}`,
    );
  });
});
