import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { freePort, type PlatformProcess, startPlatformProcess } from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage } from './open-page.ts';

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
