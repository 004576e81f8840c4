import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';

import { launchChromium } from '../../tests/dashboard/chromium.ts';
import { freePort, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { sharesOf } from '../shares.ts';
import { writeResult } from '../write-result.ts';
import { storeFleet } from './store-fleet.ts';

/*
 * A large result in Explore, in Chromium: how long until its first rows are drawn, and how even the frames are while
 * it is scrolled through, page after page being asked for on the way.
 *
 *   node benchmarks/dashboard/large-result.ts --rows 300000 --out benchmarks/results/large-result.json
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    /** How often the page is opened, each time in a window of its own. */
    loads: { type: 'string', default: '5' },
    /** How long it is scrolled by the wheel, and then by the End key until its last row. */
    scrollSeconds: { type: 'string', default: '10' },
    endSeconds: { type: 'string', default: '60' },
    out: { type: 'string' },
  },
});

const firstRow = `
  globalThis.firstRowMs = undefined;
  const look = () => {
    if (document.querySelector('.row-line') === null) requestAnimationFrame(look);
    else requestAnimationFrame(() => { globalThis.firstRowMs = performance.now(); });
  };
  requestAnimationFrame(look);
`;

/** Opens the result in a window of its own that is signed in; from the navigation to the frame with the first row. */
async function open(
  browser: Browser,
  url: string,
  token: string,
): Promise<{ page: Page; firstRowMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/#token=${token}`);
  await page.locator('.tile').first().waitFor();
  await page.addInitScript(firstRow);
  await page.goto(`${url}/explore`);
  await page.waitForFunction('globalThis.firstRowMs !== undefined');
  return { page, firstRowMs: await page.evaluate<number>('globalThis.firstRowMs') };
}

const watchFrames = `
  globalThis.frames = [];
  let last = performance.now();
  const frame = (now) => { globalThis.frames.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

interface Scrolled {
  readonly framesMs: ReturnType<typeof sharesOf>;
  readonly longFrames: number;
  readonly rows: number;
}

async function scrolled(page: Page, work: () => Promise<void>): Promise<Scrolled> {
  await page.evaluate(watchFrames);
  await work();
  const frames = await page.evaluate<number[]>('globalThis.frames');
  const rowsHeight = await page.evaluate<number>(
    "document.querySelector('.rows > [role=list]').offsetHeight",
  );
  return {
    framesMs: sharesOf(frames),
    longFrames: frames.filter((ms) => ms > 50).length,
    rows: Math.round(rowsHeight / 32),
  };
}

async function wheel(page: Page): Promise<void> {
  await page.locator('.rows').hover();
  const endMs = Date.now() + Number(values.scrollSeconds) * 1_000;
  while (Date.now() < endMs) {
    await page.mouse.wheel(0, 600);
    await pause(16);
  }
}

/** The End key again and again: all that is asked for on the way is drawn, up to the last row of the result. */
async function toEnd(page: Page): Promise<void> {
  await page.locator('.rows').focus();
  const endMs = Date.now() + Number(values.endSeconds) * 1_000;
  for (let quiet = 0; quiet < 20 && Date.now() < endMs;) {
    await page.keyboard.press('End');
    await pause(50);
    const isDone = (await page.locator('.row-more').count()) === 0 && (await atEnd(page));
    quiet = isDone ? quiet + 1 : 0;
  }
}

function atEnd(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    "(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 1)(document.querySelector('.rows'))",
  );
}

async function measure(folder: string) {
  const port = String(await freePort());
  await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
  const { url, token } = platform.ready;
  const stored = await storeFleet({ folder, url, token }, Number(values.rows), 500);
  const browser = await launchChromium();
  try {
    const firstRowMs: number[] = [];
    for (let i = 1; i < Number(values.loads); i++) {
      const { page, firstRowMs: ms } = await open(browser, url, token);
      firstRowMs.push(ms);
      await page.context().close();
    }
    const { page, firstRowMs: ms } = await open(browser, url, token);
    firstRowMs.push(ms);
    const byWheel = await scrolled(page, () => wheel(page));
    const byEndKey = await scrolled(page, () => toEnd(page));
    return { stored, firstRowMs: sharesOf(firstRowMs), byWheel, byEndKey };
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-rows-'));
try {
  const measured = await measure(folder);
  const command = `node benchmarks/dashboard/large-result.ts ${process.argv.slice(2).join(' ')}`;
  const report = { command, machine: machine(), loadAverage: loadavg()[0], options: values, ...measured };
  writeResult(report, values.out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
