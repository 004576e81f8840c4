import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type MessagesApi, says, startMessagesApi } from '../../alerting/llm/messages-api.fixture.ts';
import {
  freePort,
  mintToken,
  type PlatformProcess,
  startPlatformProcess,
} from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage, type PageOptions } from './open-page.ts';

const hostile = '<img src=x onerror="globalThis.pwned = 1">';
/** Each on a device of its own. */
const troubles = ['disk of the database is full', 'backup failed', hostile, 'raid is degraded'];

describe.skipIf(chromiumPath === undefined)('the inbox in Chromium, on the real platform', () => {
  let folder: string;
  let model: MessagesApi;
  let platform: PlatformProcess;
  let browser: Browser;
  const tokens = new Map<string, string>();

  async function tokenOf(role: string): Promise<string> {
    const known = tokens.get(role);
    if (known !== undefined) return known;
    const token = await mintToken(folder, role);
    tokens.set(role, token);
    return token;
  }

  async function send(texts: readonly string[]): Promise<void> {
    const sent = await fetch(`${platform.ready.url}/ingest/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenOf('agent')}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: JSON.stringify(
        texts.map((message, i) => ({
          specversion: '1.0',
          id: `${message} ${i}`,
          source: `/agents/server-${i}`,
          type: 'openframe.log',
          time: new Date().toISOString(),
          subject: `server-${i}`,
          data: { message, severityText: 'ERROR' },
        })),
      ),
    });
    if (sent.status !== 202) throw new Error(await sent.text());
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-inbox-'));
    const port = String(await freePort());
    model = await startMessagesApi();
    platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent'], {
      OPENFRAME_ANTHROPIC_API_KEY: 'key',
      OPENFRAME_ANTHROPIC_BASE_URL: model.url,
      OPENFRAME_TRIAGE_MODEL: 'model-1',
    });
    browser = await launchChromium();
    await send(troubles);
  }, 120_000);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await model[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(path: string, options: PageOptions = {}, token = platform.ready.token): Promise<Page> {
    return openPage(browser, { url: platform.ready.url, token }, path, options);
  }

  const titlesOf = (page: Page) => page.locator('.alert-title a').allTextContents();
  const countOf = async (page: Page, status: string): Promise<number> => {
    const count = page.getByRole('group', { name: 'Status' }).getByRole('button', { name: status });
    return Number((await count.locator('.alert-count').textContent())?.replaceAll(',', ''));
  };
  const rowWith = (page: Page, text: string) => page.locator('.alert-row').filter({ hasText: text });

  it('shows what devices reported, ranked, as text, with a score that its chips add up to', async () => {
    const page = await open('/inbox');
    await page
      .locator('.alert-row')
      .nth(troubles.length - 1)
      .waitFor();
    const titles = await titlesOf(page);
    for (const text of troubles) expect(titles.filter((title) => title.includes(text))).toHaveLength(1);
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
    const scores: number[] = [];
    for (const row of await page.locator('.alert-row').all()) {
      const score = Number(await row.locator('.alert-score strong').textContent());
      const chips = await row.locator('.alert-chips strong').allTextContents();
      expect(chips.reduce((sum, chip) => sum + Number(chip), 0)).toBe(score);
      scores.push(score);
    }
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('is told of a new alert, and asks for nothing while there is none', async () => {
    const page = await open('/inbox');
    await page.locator('.alert-row').first().waitFor();
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/alerts')) asked++;
    });
    await page.waitForTimeout(8_000);
    expect(asked).toBeLessThanOrEqual(4);
    await send(['a fan stands still']);
    await rowWith(page, 'a fan stands still').waitFor({ timeout: 10_000 });
  });

  it('assigns an alert to somebody, and to nobody again', async () => {
    const page = await open('/inbox');
    await page.locator('.alert-title a').first().click();
    const name = page.getByLabel('Assigned to');
    await name.fill('kim');
    await page.getByRole('button', { name: 'Assign', exact: true }).click();
    await page.getByText('Assigned to kim.').waitFor();
    await page.reload();
    await name.waitFor();
    expect(await name.inputValue()).toBe('kim');
    await name.fill('');
    await page.getByRole('button', { name: 'Unassign' }).click();
    await page.getByText('It is nobody’s now.').waitFor();
  });

  it('leads from the overview to the same number of open alerts', async () => {
    const page = await open('/');
    const tile = page.getByRole('link', { name: /^Open alerts/ });
    await tile.locator('.tile-value', { hasText: /^\d+$/ }).waitFor();
    const figure = Number(await tile.locator('.tile-value').textContent());
    await tile.click();
    await page.waitForURL('**/inbox');
    await page.locator('.alert-row').first().waitFor();
    expect(await countOf(page, 'Open')).toBe(figure);
    expect(await page.locator('.alert-row').count()).toBe(figure);
  });

  it('is worked by the keyboard: acknowledge, undo, and a reload shows the same', async () => {
    const page = await open('/');
    await page.locator('.tile').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.waitForURL('**/inbox');
    await page.locator('.alert-row').first().waitFor();
    const before = await titlesOf(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const chosen = await page.locator('.alert-row[aria-current] .alert-title a').textContent();
    expect(chosen).toBe(before[0]);
    await page.keyboard.press('e');
    await page.getByText('Acknowledged.').waitFor();
    await rowWith(page, chosen ?? '').waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.alert-row').first().waitFor();
    expect(await titlesOf(page)).toEqual(before.slice(1));
    await page.getByRole('button', { name: /^Acknowledged/ }).click();
    await page.waitForURL('**/inbox?status=ACKNOWLEDGED');
    await rowWith(page, chosen ?? '').waitFor();
    await page.keyboard.press('s');
    await page.getByText('Snoozed for 1 hour.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.').waitFor();
    await rowWith(page, chosen ?? '').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/alerts/*');
    await page.getByRole('button', { name: 'Undo the last step' }).click();
    await page.getByRole('heading', { name: /^Open/ }).waitFor();
    await page.goto(`${platform.ready.url}/inbox`);
    await rowWith(page, chosen ?? '').waitFor();
    expect(await titlesOf(page)).toEqual(before);
  });

  it('leaves what the page’s own shortcuts took: g e goes to Explore and acknowledges nothing', async () => {
    const page = await open('/inbox');
    await page.locator('.alert-row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL('**/explore');
    await page.goto(`${platform.ready.url}/inbox`);
    await page.locator('.alert-row').first().waitFor();
    expect(await countOf(page, 'Acknowledged')).toBe(0);
  });

  it('shows one alert whole: its terms, a refused resolve with its reason, comment, verdict and audit', async () => {
    const page = await open('/inbox');
    await rowWith(page, 'raid is degraded').locator('.alert-title a').click();
    await page.waitForURL('**/alerts/*');
    // The address changes before the page does: the list's scores stand there until then.
    const total = await page.locator('.alert-terms [data-total]').textContent();
    const score = await page.locator('.alert-score').getAttribute('title');
    expect(score).toBe(`Score ${total} of 100`);
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByRole('alert').getByText('it still fires').waitFor();
    await page.getByRole('button', { name: 'Resolve when clear' }).click();
    await page.locator('.alert-timeline').getByText('To be resolved when clear').waitFor();
    await page.getByLabel('Comment').fill('a disk is on its way');
    await page.getByRole('button', { name: 'Comment' }).click();
    await page.locator('.alert-timeline').getByText('a disk is on its way').waitFor();
    await page.getByRole('button', { name: 'Useful' }).click();
    await page.getByRole('button', { name: 'Useful', pressed: true }).waitFor();
    await page.reload();
    const timeline = page.locator('.alert-timeline');
    await timeline.getByText('Verdict:').waitFor();
    await timeline.getByText('a disk is on its way').waitFor();
    await page.getByRole('link', { name: 'Explore its events' }).click();
    await page.waitForURL('**/explore?**');
    await page.locator('.row-summary', { hasText: 'raid is degraded' }).waitFor();
  });

  it('shows what is made of an incident, by the rules and by the model, and where each claim comes from', async () => {
    const page = await open('/inbox');
    await rowWith(page, 'onerror').locator('.alert-title a').click();
    await page.getByRole('link', { name: 'It began one' }).click();
    const triage = page.getByRole('region', { name: /^Triage/ });
    await triage.getByText('by rules, deterministic').waitFor();
    await triage.getByText('It cannot be told.').waitFor();
    const said = { text: `One error. ${hostile}`, evidence: ['A1'] };
    const summary = [said, { text: 'Of nobody.', evidence: ['A9'] }];
    const hypotheses = [{ cause: 'A test.', likelihood: 'likely', because: [said] }];
    model.answer(says(JSON.stringify({ summary, hypotheses, nextCheck: null, cannotBeTold: null })));
    await triage.getByRole('button', { name: 'Ask model-1' }).click();
    await triage.getByText('by model-1').waitFor();
    await triage.getByText('One claim was struck out').waitFor();
    await triage.getByText('A test.').waitFor();
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
    await triage.getByText(/^Evidence: /).click();
    await expectSound(page, 1440);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await expectSound(page, 390);
    await triage
      .getByRole('link', { name: /^A1, Alert/ })
      .first()
      .click();
    await page.waitForURL('**/alerts/*');
  });

  it('lets an analyst read, comment and judge, and nothing else', async () => {
    const page = await open('/inbox', {}, await tokenOf('analyst'));
    await page.locator('.alert-row').first().waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge', exact: true }).count()).toBe(0);
    const before = await titlesOf(page);
    // Soon after the page was opened, an `e` alone is not the second half of `g e`.
    await page.keyboard.press('e');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/alerts/*');
    await page.getByText('As analyst you read alerts').waitFor();
    await page.getByRole('button', { name: 'Noise' }).click();
    await page.getByRole('button', { name: 'Noise', pressed: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Resolve' }).count()).toBe(0);
    await page.goBack();
    await page.locator('.alert-row').first().waitFor();
    expect(await titlesOf(page)).toEqual(before);
  });

  it('tells its blanks apart: nothing of a status, nothing found, no such alert', async () => {
    const page = await open('/inbox?status=RESOLVED');
    await page.getByText('No alert is resolved').waitFor();
    await page.getByRole('button', { name: /^Show all/ }).click();
    await page.locator('.alert-row').first().waitFor();
    await page.goto(`${platform.ready.url}/inbox?search=nothinghasthis`);
    await page.getByText('No alerts match the filters').waitFor();
    await page.goto(`${platform.ready.url}/alerts/none`);
    await page.getByRole('alert').getByText('Could not load this alert').waitFor();
  });

  it.each(looks)('has no serious finding of axe and no sideways scroll: %s, %d px', async (scheme, width) => {
    const page = await open('/inbox', lookOptions(scheme, width));
    await page.locator('.alert-row').first().waitFor();
    await page.keyboard.press('j');
    await check(page, width);
    await page.keyboard.press('Enter');
    await page.locator('.alert-timeline').waitFor();
    await check(page, width);
  });

  async function check(page: Page, width: number): Promise<void> {
    await page.locator('.completeness time').first().waitFor();
    await expectSound(page, width);
  }
});
