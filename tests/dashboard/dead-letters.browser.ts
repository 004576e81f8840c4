import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { toolHeaders, toolTopics } from '../../contracts/topics.ts';
import { openEmbeddedLog } from '../../services/engines-embedded.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import {
  freePort,
  mintToken,
  type PlatformProcess,
  runCli,
  startPlatformProcess,
} from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage, type PageOptions } from './open-page.ts';

const hostile = '<img src=x onerror="globalThis.pwned = 1">';
/** What a tool of the tenant sends that cannot be decoded, each with its format. */
const rubbish = [
  ['SYSLOG', `no priority, but ${hostile}`],
  ['SYSLOG', 'nothing that is syslog'],
  ['WINDOWS_EVENT', '{"half'],
] as const;

describe.skipIf(chromiumPath === undefined)('dead letters in Chromium, on the real platform', () => {
  let folder: string;
  let platform: PlatformProcess;
  let browser: Browser;

  /** As Kafka Connect or NiFi would: a record of the shared topic, by a connection. */
  async function write(connection: string, records: readonly (readonly [string, string])[]): Promise<void> {
    const clock = createSystemClock();
    await using log = await openEmbeddedLog((name) => join(folder, name), clock, { durability: 'normal' });
    const builder = new RecordBatchBuilder();
    for (const [messageType, value] of records) {
      const headers = { [toolHeaders.messageType]: messageType, [toolHeaders.connection]: connection };
      builder.appendRecord({ key: '', value, timestampMs: clock.nowMs(), headers });
    }
    await log.append(toolTopics.other, 0, builder.finish());
  }

  async function connect(server: string, tenant: string): Promise<void> {
    const where = ['--data-dir', folder];
    for (const tool of ['SYSLOG', 'WINDOWS']) {
      const { code, stderr } = await runCli([
        'tools',
        'connect',
        '--tool',
        tool,
        '--server',
        server,
        '--tenant',
        tenant,
        ...where,
      ]);
      if (code !== 0) throw new Error(stderr);
    }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-letters-'));
    const port = String(await freePort());
    platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
    browser = await launchChromium();
    await connect('nifi', 'default');
    await connect('other-nifi', 'someone-else');
    await write('nifi', rubbish);
    await write('other-nifi', [['SYSLOG', 'a secret of another tenant']]);
  }, 120_000);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (options?: PageOptions, token = platform.ready.token): Promise<Page> =>
    openPage(browser, { url: platform.ready.url, token }, '/pipelines', options);

  const reasonsOf = (page: Page): Locator => page.locator('.letter-reasons button[aria-pressed]');
  const rowsOf = (page: Page): Locator => page.locator('.letters .row-line');
  const syslog = 'tools · decode-tools: NOT_SYSLOG: syslog';

  it('shows the reasons with their counts, of this tenant alone', async () => {
    const page = await open();
    await reasonsOf(page).nth(1).waitFor();
    expect(await reasonsOf(page).allTextContents()).toEqual([
      `${syslog} 2`,
      'tools · decode-tools: NOT_JSON: windows-event 1',
    ]);
    await rowsOf(page).nth(2).waitFor();
    expect(await rowsOf(page).count()).toBe(3);
  });

  it('shows one record whole: its bytes as text, the stage, the fault and who sent it', async () => {
    const page = await open();
    await reasonsOf(page).filter({ hasText: 'NOT_SYSLOG' }).click();
    await rowsOf(page).nth(2).waitFor({ state: 'detached' });
    await rowsOf(page).filter({ hasText: 'but <img' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'decode-tools: NOT_SYSLOG: syslog' }).waitFor();
    expect(await dialog.getByLabel('The bytes as text').textContent()).toBe(rubbish[0][1]);
    await dialog.getByText('no PRI of RFC 5424 or 3164').first().waitFor();
    await dialog.getByText('sent by nifi, replayed 0 times').waitFor();
    expect(await dialog.getByLabel('The dead letter').textContent()).toContain('"stage": "decode-tools"');
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('counts before it sends, sends by reason, and leaves alone what failed three times', async () => {
    const page = await open();
    const chosen = reasonsOf(page).filter({ hasText: 'NOT_SYSLOG' });
    await chosen.click();
    for (let replays = 1; replays <= 3; replays++) {
      await page.getByRole('button', { name: 'Replay these…' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Replay these…' }).click();
      await page.getByRole('button', { name: 'Send 2 again' }).click();
      await page.getByRole('status').filter({ hasText: '2 sent again.' }).waitFor();
      await cameBack(page, replays);
    }
    await page.getByRole('button', { name: 'Replay these…' }).click();
    await page.getByRole('status').filter({ hasText: '2 failed too often and are left alone.' }).waitFor();
    expect(await page.getByRole('button', { name: /^Send/ }).count()).toBe(0);
    // The other reason was not touched.
    await reasonsOf(page).filter({ hasText: 'NOT_JSON' }).click();
    await page.getByRole('button', { name: 'Replay these…' }).click();
    await page.getByRole('button', { name: 'Send 1 again' }).waitFor();
  });

  /** The same records fail again: both stand there as replayed so often. */
  async function cameBack(page: Page, replays: number): Promise<void> {
    await expect
      .poll(
        async () => {
          const answer = await fetch(`${platform.ready.url}/api/v1/dead-letters?reason=NOT_SYSLOG`, {
            headers: { authorization: `Bearer ${platform.ready.token}` },
          });
          const { items } = (await answer.json()) as { items: readonly { readonly replays: number }[] };
          return items.map((letter) => letter.replays);
        },
        { timeout: 20_000 },
      )
      .toEqual([replays, replays]);
    await page.reload();
    await reasonsOf(page).filter({ hasText: 'NOT_SYSLOG' }).click();
    await rowsOf(page).nth(2).waitFor({ state: 'detached' });
    await rowsOf(page).first().click();
    await page.getByText(replays === 1 ? 'replayed once' : `replayed ${replays} times`).waitFor();
    await page.keyboard.press('Escape');
  }

  it('lets a technician look and not send', async () => {
    const page = await open({}, await mintToken(folder, 'technician'));
    await rowsOf(page).first().waitFor();
    await page.getByText('Operators and administrators may send them again.').waitFor();
    expect(await page.getByRole('button', { name: /^Replay/ }).count()).toBe(0);
  });

  it.each(looks)('has no serious finding of axe and no sideways scroll: %s, %d px', async (scheme, width) => {
    const page = await open(lookOptions(scheme, width));
    await rowsOf(page).first().waitFor();
    await expectSound(page, width);
  });
});
