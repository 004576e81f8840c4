import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  freePort,
  mintToken,
  type PlatformProcess,
  startPlatformProcess,
} from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage, type PageOptions } from './open-page.ts';

/** A file as it is chosen in the browser. */
const jsonFile = (name: string, text: string) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(text),
});
const resultText = (name: string): Promise<string> => readFile(`benchmarks/results/${name}`, 'utf8');

const hostile = '<img src=x onerror="globalThis.pwned = 1">';

describe.skipIf(chromiumPath === undefined)(
  'windows, rules and bench in Chromium, on the real platform',
  () => {
    let folder: string;
    let platform: PlatformProcess;
    let browser: Browser;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'openframe-settings-'));
      const port = String(await freePort());
      platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
      browser = await launchChromium();
    }, 120_000);

    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
    });

    afterAll(async () => {
      await browser.close();
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function open(
      path: string,
      options: PageOptions = {},
      token = platform.ready.token,
    ): Promise<Page> {
      return openPage(browser, { url: platform.ready.url, token }, path, options);
    }

    const rowWith = (page: Page, text: string) => page.locator('.setting-row').filter({ hasText: text });
    const dialog = (page: Page) => page.getByRole('dialog');

    /** As the field for a time wants it, in UTC. */
    function inMinutes(minutes: number): string {
      return new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16);
    }

    it('plans a window with its next times shown before, ends it, deletes it, and takes that back', async () => {
      const page = await open('/');
      await page.locator('.tile').first().waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('w');
      await page.waitForURL('**/windows');
      await page.getByText('None is planned.').waitFor();
      await page.getByRole('button', { name: 'Plan a window' }).click();
      await page.getByLabel('Title').fill(hostile);
      await page.getByLabel('Begins').fill(inMinutes(-5));
      await dialog(page).getByLabel('Time zone').selectOption('UTC');
      const preview = dialog(page).getByRole('region', { name: 'When it would be' });
      await expect.poll(() => preview.locator('li').count()).toBe(1);
      await page.getByLabel('Repeats').selectOption('daily');
      await expect.poll(() => preview.locator('li').count()).toBe(5);
      await page.getByLabel('Sites or organizations').fill('bakery, bank');
      await page.getByRole('button', { name: 'Save' }).click();
      const row = rowWith(page, 'Organizations bakery, bank. FREQ=DAILY');
      await row.waitFor();
      expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
      expect(await row.locator('strong').textContent()).toBe(hostile);
      await row.locator('.setting-mark').waitFor();
      await row.getByRole('button', { name: /^End now/ }).click();
      await row.locator('.setting-mark').waitFor({ state: 'detached' });
      expect(await row.locator('li').count()).toBe(3);
      await row.getByRole('button', { name: /^Delete / }).click();
      await page.getByText('None is planned.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await row.waitFor();
      await page.reload();
      await row.waitFor();
    });

    it('says what is wrong with a window before it is kept, and changes one that is', async () => {
      const page = await open('/windows');
      await page.getByRole('button', { name: 'Plan a window' }).click();
      await page.getByLabel('Title').fill('Patches');
      await page.getByLabel('Repeats').selectOption('other');
      await page.getByLabel('RRULE').fill('EVERY DAY');
      await dialog(page).getByText('must be an RRULE').waitFor();
      await page.getByLabel('RRULE').fill('FREQ=MONTHLY;BYDAY=2TU');
      await dialog(page).locator('.preview li').nth(4).waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      await rowWith(page, 'Patches').waitFor();
      await page.getByRole('button', { name: 'Change Patches' }).click();
      expect(await page.getByLabel('Repeats').inputValue()).toBe('monthly');
      await page.getByLabel('Which').selectOption('-1');
      await page.getByRole('button', { name: 'Save' }).click();
      await rowWith(page, 'FREQ=MONTHLY;BYDAY=-1TU').waitFor();
    });

    it('tries a rule on what is stored before it is saved, and shows which alerts would have come', async () => {
      const sent = await fetch(`${platform.ready.url}/ingest/v1/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await mintToken(folder, 'agent')}`,
          'content-type': 'application/cloudevents-batch+json',
        },
        body: JSON.stringify(
          [0.5, 0.93, 0.94].map((value, i) => ({
            specversion: '1.0',
            ...{ id: `m${i}`, source: '/agents/d1', type: 'openframe.metrics', subject: 'd1' },
            time: new Date(Date.now() - (3 - i) * 60_000).toISOString(),
            data: { samples: [{ name: 'room.humidity', value, unit: '1' }] },
          })),
        ),
      });
      expect(sent.status).toBe(202);
      const page = await open('/rules');
      await page.getByRole('button', { name: 'New rule' }).click();
      await page.getByLabel('Title').fill('The room is wet');
      await page.getByLabel('What it looks for').fill('{ "kind": "threshold" ');
      await page.getByRole('alert').getByText('no JSON').waitFor();
      expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
      await page
        .getByLabel('What it looks for')
        .fill('{ "kind": "threshold", "metric": "room.humidity", "above": 0.9 }');
      await expect
        .poll(
          async () => {
            await page.getByRole('button', { name: 'Try it' }).click();
            return dialog(page).getByText('Would have come: 1').count();
          },
          { timeout: 20_000, interval: 1_000 },
        )
        .toBe(1);
      await dialog(page).getByText('The room is wet').first().waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      await rowWith(page, 'The room is wet').waitFor();
      await page.getByRole('button', { name: 'Delete The room is wet' }).click();
      await rowWith(page, 'The room is wet').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await rowWith(page, 'The room is wet').waitFor();
    });

    it('lets those read who may not change', async () => {
      const page = await open('/rules', {}, await mintToken(folder, 'technician'));
      await page.getByText('Operators and administrators change them.').waitFor();
      await page.locator('.setting-row').first().waitFor();
      expect(await page.getByRole('button', { name: /^Change / }).count()).toBe(0);
      await page.goto(`${platform.ready.url}/windows`);
      await page.getByRole('button', { name: 'Plan a window' }).waitFor();
    });

    it('shows a result of a benchmark and compares two, all in the browser, and refuses what is none', async () => {
      const page = await open('/bench');
      await page.getByText('No result is open').waitFor();
      const run = await resultText('run-large-msp.json');
      await page.getByLabel('Result', { exact: true }).setInputFiles(jsonFile('run.json', run));
      await page.getByRole('img', { name: /^Lag of each pipeline/ }).waitFor();
      await page.getByRole('row', { name: /^send → event-log/ }).waitFor();
      await page.getByText(/^Ledger: sent/).waitFor();
      const micro = await resultText('micro.json');
      await page.getByLabel('Compare with').setInputFiles(jsonFile('micro.json', micro));
      await page.getByRole('alert').getByText('These results do not compare').waitFor();
      await page.getByLabel('Result', { exact: true }).setInputFiles(jsonFile('micro.json', micro));
      await page.getByText('no change').first().waitFor();
      const evil = micro.replaceAll('telemetry: +', JSON.stringify(hostile).slice(1, -1));
      await page.getByLabel('Compare with').setInputFiles(jsonFile('evil.json', evil));
      await page.getByText(hostile).first().waitFor();
      expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
      await page.getByLabel('Compare with').setInputFiles(jsonFile('none.json', '{"schema":"x"}'));
      await page.getByRole('alert').getByText('none.json is no result of a benchmark').waitFor();
    });

    it.each(looks)(
      'has no serious finding of axe and no sideways scroll: %s, %d px',
      async (scheme, width) => {
        const page = await open('/windows', lookOptions(scheme, width));
        await page.locator('.setting-row').first().waitFor();
        await check(page, width);
        await page.getByRole('button', { name: 'Plan a window' }).click();
        await dialog(page).locator('.preview li').first().waitFor();
        await check(page, width);
        await page.goto(`${platform.ready.url}/rules`);
        await page.locator('.setting-row').first().waitFor();
        await check(page, width);
        await page.getByRole('button', { name: 'New rule' }).click();
        await dialog(page).getByRole('button', { name: 'Try it' }).waitFor();
        await check(page, width);
        await page.goto(`${platform.ready.url}/bench`);
        const run = await resultText('run-large-msp.json');
        await page.getByLabel('Result', { exact: true }).setInputFiles(jsonFile('run.json', run));
        await page.getByRole('img', { name: /^Lag of each pipeline/ }).waitFor();
        await check(page, width);
      },
    );

    async function check(page: Page, width: number): Promise<void> {
      await expectSound(page, width);
      const signOut = await page.locator('header').getByText('Sign out').boundingBox();
      expect((signOut?.x ?? 0) + (signOut?.width ?? Infinity), 'the header fits').toBeLessThanOrEqual(width);
    }
  },
);
