import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { freePort, type PlatformProcess, startPlatformProcess } from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';

/** What a page without rows says, by why it has none. */
interface Blanks {
  readonly path: string;
  /** The same page with filters that nothing passes; none where the page has no filters. */
  readonly filtered?: string;
  readonly nothing: string;
  readonly filteredOut?: string;
  readonly late: string;
  readonly denied: string;
}

const sql = (text: string): string => `/query?language=sql&sql=${encodeURIComponent(text)}`;
const pages: readonly Blanks[] = [
  {
    path: '/',
    filtered: '/?severities=CRITICAL',
    nothing: 'No events yet',
    filteredOut: 'No events match the filters',
    late: 'No events yet: they may be late',
    denied: 'Your role may not see events',
  },
  {
    path: '/inbox',
    filtered: '/inbox?search=nothinghasthis',
    nothing: 'There is no alert',
    filteredOut: 'No alerts match the filters',
    late: 'No alerts yet: they may be late',
    denied: 'Your role may not see the alerts',
  },
  {
    path: '/noise',
    nothing: 'Nothing is kept out of sight',
    late: 'No alerts yet: they may be late',
    denied: 'Your role may not see the figures',
  },
  {
    path: '/explore',
    filtered: '/explore?search=nothinghasthis',
    nothing: 'No device reports yet',
    filteredOut: 'No events match the filters',
    late: 'No events yet: they may be late',
    denied: 'Your role may not see the rows',
  },
  {
    path: '/devices',
    filtered: '/devices?search=nothinghasthis',
    nothing: 'No device reports yet',
    filteredOut: 'No devices match the filters',
    late: 'No devices yet: they may be late',
    denied: 'Your role may not see devices',
  },
  {
    path: '/pipelines',
    nothing: 'Nothing was left behind',
    late: 'No dead letters yet: they may be late',
    denied: 'Your role may not see the pipeline',
  },
];

const answerSchema = z.looseObject({ completeness: z.looseObject({ late: z.looseObject({}) }) });
const behind = [{ name: 'event-log', state: 'stopped', lag: 1234, partitions: ['telemetry.enriched.v1/0'] }];

/** The server's own answer, but for a sink that has stopped. */
async function answerLate(route: Route): Promise<void> {
  if (route.request().url().includes('/tail')) return route.continue();
  const response = await route.fetch();
  const answer = answerSchema.safeParse(await response.json().catch(() => null));
  if (!answer.success) return route.fulfill({ response });
  const { completeness } = answer.data;
  const late = { ...completeness.late, pipelines: behind };
  return route.fulfill({
    response,
    json: { ...answer.data, completeness: { ...completeness, completeTo: null, late } },
  });
}

/** What the server answers to a role that may not. */
async function answerDenied(route: Route): Promise<void> {
  if (route.request().url().includes('/session')) return route.continue();
  const problem = {
    type: 'about:blank',
    title: 'role',
    status: 403,
    code: 'ROLE_NOT_ALLOWED',
    detail: 'not yours',
  };
  return route.fulfill({
    status: 403,
    contentType: 'application/problem+json',
    body: JSON.stringify(problem),
  });
}

/** Questions of which one alone fails: the page, the question, and what the page says. */
const failing = [
  ['/noise', /\/alerts\/suppression$/, 'the figures', 'Reduction'],
  ['/noise', /\/alerts\/stats$/, 'the figures', 'Reduction'],
  ['/', /\/events\?limit=1$/, 'the newest event', 'No events yet'],
  ['/explore', /\/events\?limit=1$/, 'the newest event', 'No device reports yet'],
] as const;

/** What the server answers to a question that broke something. */
async function answerBroken(route: Route): Promise<void> {
  const problem = { type: 'about:blank', title: 'fault', status: 500, code: 'INTERNAL', detail: 'it broke' };
  const body = JSON.stringify(problem);
  return route.fulfill({ status: 500, contentType: 'application/problem+json', body });
}

describe.skipIf(chromiumPath === undefined)('a page without rows, in Chromium', () => {
  let folder: string;
  let platform: PlatformProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-blanks-'));
    platform = await startPlatformProcess([
      '--port',
      String(await freePort()),
      '--data-dir',
      folder,
      '--no-agent',
    ]);
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

  async function open(path: string, answer?: (route: Route) => Promise<void>): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    if (answer !== undefined) await page.route('**/api/v1/**', answer);
    await page.goto(`${platform.ready.url}${path}#token=${platform.ready.token}`);
    return page;
  }

  /** The blank of this title has something to do next: a link, a button, or a command to copy. */
  async function expectBlank(page: Page, title: string): Promise<void> {
    const blank = page.locator('.blank', { has: page.getByText(title, { exact: true }) }).first();
    await blank.waitFor();
    expect(await blank.locator('a, button').count()).toBeGreaterThan(0);
  }

  const titled = pages.map((page) => [page.path, page] as const);

  it.each(titled)('%s: nothing came yet', async (path, { nothing }) => {
    await expectBlank(await open(path), nothing);
  });

  it.each(titled.filter(([, { filtered }]) => filtered !== undefined))(
    '%s: the filters let nothing through, and are cleared',
    async (path, { filtered = '', filteredOut = '', nothing }) => {
      const page = await open(filtered);
      await expectBlank(page, filteredOut);
      await page.locator('.blank').getByRole('button', { name: 'Clear filters' }).first().click();
      await page.waitForURL((url) => url.pathname === path && url.search === '');
      await expectBlank(page, nothing);
    },
  );

  it.each(titled)('%s: what was accepted is late, and the pipelines show why', async (path, { late }) => {
    const page = await open(path, answerLate);
    await expectBlank(page, late);
    await page.locator('.blank').getByRole('link', { name: 'Show the pipelines' }).first().click();
    await page.waitForURL('**/pipelines');
  });

  it.each(titled)('%s: the role may not see it, and is told which may', async (path, { denied }) => {
    const page = await open(path, answerDenied);
    await expectBlank(page, denied);
    await page.locator('.blank').getByText('--role operator').first().waitFor();
  });

  it.each(failing)(
    '%s: where %s fails it says so, and asks again',
    async (path, question, what, answered) => {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
      await page.addInitScript("addEventListener('click', () => { globalThis.isClicked = true }, true)");
      // The page asks again by itself as well: nothing is mended before the button was pressed.
      await page.route(question, async (route) => {
        const isClicked = await page.evaluate<unknown>('globalThis.isClicked === true');
        return isClicked === true ? route.continue() : answerBroken(route);
      });
      await page.goto(`${platform.ready.url}${path}#token=${platform.ready.token}`);
      const failed = page.getByRole('alert').filter({ hasText: `Could not load ${what}` });
      await failed.getByText('it broke').waitFor();
      await failed.getByRole('button', { name: 'Try again' }).click();
      await page.getByText(answered, { exact: true }).first().waitFor();
      await failed.waitFor({ state: 'detached' });
    },
  );

  it('of an answer of SQL says the same: no row, late, or which role it takes', async () => {
    const run = async (page: Page): Promise<void> => {
      await page.getByRole('button', { name: /^Run/ }).click();
    };
    const question = sql('SELECT summary FROM events');
    const none = await open(question);
    await run(none);
    await expectBlank(none, 'No row fits the question');
    const late = await open(question, answerLate);
    await run(late);
    await expectBlank(late, 'No rows yet: they may be late');
    const denied = await open(question, answerDenied);
    await run(denied);
    await denied.getByRole('alert').getByText('not yours').waitFor();
  });
});
