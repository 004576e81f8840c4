import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { eventIdOf } from '../../contracts/event-id.ts';
import { lifeTypePrefix, type LifeWord } from '../../contracts/device.ts';
import { headers, rawKey, topics } from '../../contracts/topics.ts';
import { openEmbeddedLog } from '../../services/engines-embedded.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { freePort, type PlatformProcess, startPlatformProcess } from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { expectSound, lookOptions, looks, openPage, type PageOptions } from './open-page.ts';

const hostile = '<img src=x onerror="globalThis.pwned = 1">';
const minuteMs = 60_000;

interface Said {
  readonly device: string;
  readonly id: string;
  readonly source?: string;
  readonly type?: string;
  readonly data?: unknown;
}

describe.skipIf(chromiumPath === undefined)('the life of devices in Chromium, on the real platform', () => {
  let folder: string;
  let platform: PlatformProcess;
  let browser: Browser;

  /** What agents said so many minutes ago, as the relay hands it on. */
  async function say(...all: readonly (readonly [minutesAgo: number, said: Said])[]): Promise<void> {
    const clock = createSystemClock();
    await using log = await openEmbeddedLog((name) => join(folder, name), clock, { durability: 'normal' });
    const nowMs = clock.nowMs();
    const builder = new RecordBatchBuilder();
    for (const [minutesAgo, said] of all) {
      const { device, id, source = `/agents/${device}`, type = 'openframe.heartbeat', data = {} } = said;
      const atMs = Math.round(nowMs - minutesAgo * minuteMs);
      builder.appendRecord({
        key: rawKey('default', source),
        value: JSON.stringify(data),
        timestampMs: atMs,
        headers: {
          [headers.id]: id,
          [headers.source]: source,
          [headers.type]: type,
          [headers.tenant]: 'default',
          [headers.device]: device,
          [headers.eventId]: eventIdOf('default', source, id),
          [headers.ingestTime]: String(atMs),
        },
      });
    }
    await log.append(topics.raw, 0, builder.finish());
    // So that what comes next is read behind it.
    await pause(600);
  }

  /** What the platform tells of a device; how it comes to that is held by the tests of presence. */
  const told = (device: string, number: number, word: LifeWord, message?: string): Said => ({
    device,
    id: String(number),
    source: `/devices/${device}`,
    type: `${lifeTypePrefix}${word}`,
    data: {
      device: { agentId: device, name: device },
      ...(message === undefined ? {} : { message }),
      row: {},
    },
  });

  /** One heartbeat of each run in turn. */
  const turns = (from: number, device: string, runs: readonly string[]): (readonly [number, Said])[] =>
    runs.map((run, i) => [from - i / 60, { device, id: `${run}-${i}` }]);

  const inventory = (device: string, id: string, version: string): Said => ({
    device,
    id,
    type: 'openframe.device',
    data: { hostname: device, os: { platform: 'linux', name: hostile, version, arch: 'x64' } },
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-life-'));
    const port = String(await freePort());
    platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
    browser = await launchChromium();
    const silence = (seconds: number): string => `no sign of life for ${seconds} s`;
    await say(
      [20, told('pc-gone', 0, 'registered')],
      [20, told('pc-gone', 1, 'online')],
      [16.7, told('pc-gone', 2, 'late', silence(76))],
      [15.8, told('pc-gone', 3, 'offline', silence(131))],
      [10, told('pc-gone', 4, 'online', silence(479))],
      [8.7, told('pc-gone', 5, 'late', silence(76))],
      [7.8, told('pc-gone', 6, 'offline', silence(131))],
    );
    // By another source than its agent, so that it is known and the platform tells nothing more of it.
    await say([10, { device: 'pc-gone', id: 'log-1', source: '/logs', type: 'openframe.log' }]);
    await say([2, inventory('pc-live', 'i1', '12')], ...turns(1.9, 'pc-twin', ['a', 'b', 'a', 'b', 'a']));
    await say([1.6, inventory('pc-live', 'i2', '13')]);
  }, 120_000);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (path: string, options?: PageOptions): Promise<Page> =>
    openPage(browser, platform.ready, path, options);

  const wordsOf = async (page: Page): Promise<string[]> => {
    const words = await page.locator('.life-word').allTextContents();
    return words.map((word) => word.trim());
  };
  const rowOf = (page: Page, device: string): Locator =>
    page.locator('.device-row').filter({ hasText: device });

  it('tells on its page what happened to a device: registered, online, late, offline, and back', async () => {
    const page = await open('/devices/pc-gone');
    await page.locator('.life-event').nth(6).waitFor();
    const words = ['Offline', 'Late', 'Online', 'Offline', 'Late', 'Online', 'Registered'];
    expect(await wordsOf(page)).toEqual(words);
    await page.locator('.life-summary', { hasText: 'no sign of life for' }).first().waitFor();
    const strip = page.locator('.life-strip');
    const said = await strip.getAttribute('aria-label');
    expect(said).toMatch(/^Not known 40 min, Offline 1\d min, Online 5 min, Late 2 min\.$/);
    expect(await strip.locator('.life-stretch').count()).toBe(7);
    await page.locator('.device-facts').getByText('Offline').waitFor();
  });

  it('shows what changed in an inventory, fact by fact, as text', async () => {
    const page = await open('/devices/pc-live');
    const changed = page.locator('.life-event').filter({ hasText: 'Changed' });
    await changed.getByRole('button', { name: 'What changed' }).click();
    await changed.getByRole('row', { name: 'os.version 12 13' }).waitFor();
    await changed.getByRole('button', { name: 'Hide' }).click();
    await changed.getByRole('table').waitFor({ state: 'detached' });
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
  });

  it('says that two machines report as one device, on its page and in the list', async () => {
    const page = await open('/devices/pc-twin');
    await page
      .locator('.life-event')
      .filter({ hasText: 'More than one machine reports as pc-twin' })
      .waitFor();
    await page.locator('.device-facts .device-cloned').waitFor();
    await page.goto(`${platform.ready.url}/devices`);
    await rowOf(page, 'pc-twin').locator('.device-cloned').waitFor();
    expect(await page.locator('.device-cloned').count()).toBe(1);
  });

  it('lists who is late and who is offline', async () => {
    const page = await open('/devices');
    await rowOf(page, 'pc-live')
      .locator('.device-state', { hasText: /Late|Offline/ })
      .waitFor();
    await rowOf(page, 'pc-gone').locator('.device-state', { hasText: 'Offline' }).waitFor();
    await page.getByRole('button', { name: /^Offline/ }).click();
    await rowOf(page, 'pc-gone').waitFor();
  });

  it.each(looks)('has no serious finding of axe and no sideways scroll: %s, %d px', async (scheme, width) => {
    const page = await open('/devices', lookOptions(scheme, width));
    await page.locator('.device-cloned').waitFor();
    await expectSound(page, width);
    await page.goto(`${platform.ready.url}/devices/pc-live`);
    await page.getByRole('button', { name: 'What changed' }).click();
    await page.locator('.life-changes td').first().waitFor();
    await expectSound(page, width);
  });
});
