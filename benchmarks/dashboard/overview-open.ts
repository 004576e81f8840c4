import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';

import { launchChromium } from '../../tests/dashboard/chromium.ts';
import { freePort, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { processUsage } from '../process-usage.ts';
import { sharesOf } from '../shares.ts';
import { writeResult } from '../write-result.ts';
import { storeFleet } from './store-fleet.ts';

/*
 * Overview, opened in Chromium while many events are of its last five minutes: from the navigation to the frame that
 * shows each of its parts, how long its questions took, and what the platform spends on a page that stays open.
 *
 *   node benchmarks/dashboard/overview-open.ts --events 1100000 --out benchmarks/results/overview-open.json
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1100000' },
    agents: { type: 'string', default: '1000' },
    /** How often the page is opened, each time in a window of its own. */
    loads: { type: 'string', default: '5' },
    /** How long it then stays open, and the platform's processor time is counted. */
    openSeconds: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});

/** What is waited for, by the first element that shows it. */
const parts = {
  'newest events': '.event-line',
  tiles: '.tile-value:not(:has(.tile-waiting))',
  devices: '.device-row',
  sparklines: '.device-row .sparkline path[d]:not([d=""])',
};
const longestWaitMs = 60_000;

const watchParts = `
  globalThis.shownMs = {};
  const parts = ${JSON.stringify(parts)};
  const look = () => {
    for (const [name, selector] of Object.entries(parts))
      if (globalThis.shownMs[name] === undefined && document.querySelector(selector) !== null)
        globalThis.shownMs[name] = performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;

interface Opened {
  readonly shownMs: Readonly<Record<string, number>>;
  /** By path: of each question, from when it was put to its answer. */
  readonly askedMs: ReadonlyMap<string, readonly number[]>;
  readonly platformCpuMsASecond: number;
}

async function open(browser: Browser, url: string, token: string, pid: number): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1600 } });
  try {
    const page = await context.newPage();
    await page.goto(`${url}/windows#token=${token}`);
    await page.locator('nav.navigation').waitFor();
    await page.addInitScript(watchParts);
    const askedMs = new Map<string, number[]>();
    page.on('requestfinished', (request) => {
      const { pathname } = new URL(request.url());
      if (!pathname.startsWith('/api/') || pathname.endsWith('/tail')) return;
      askedMs.set(pathname, [...(askedMs.get(pathname) ?? []), request.timing().responseEnd]);
    });
    await page.goto(`${url}/`);
    const names = Object.keys(parts);
    await page
      .waitForFunction(
        `${JSON.stringify(names)}.every((name) => globalThis.shownMs[name] !== undefined)`,
        null,
        {
          timeout: longestWaitMs,
        },
      )
      .catch(() => undefined);
    const shownMs = await page.evaluate<Record<string, number>>('globalThis.shownMs');
    const before = await processUsage(pid);
    await pause(Number(values.openSeconds) * 1_000);
    const after = await processUsage(pid);
    const cpuMs = (after.cpuSeconds - before.cpuSeconds) * 1_000;
    return { shownMs, askedMs, platformCpuMsASecond: Math.round(cpuMs / Number(values.openSeconds)) };
  } finally {
    await context.close();
  }
}

async function measure(folder: string) {
  const port = String(await freePort());
  await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
  const { url, token } = platform.ready;
  const stored = await storeFleet({ folder, url, token }, Number(values.events), Number(values.agents));
  const browser = await launchChromium();
  try {
    const loads: Opened[] = [];
    for (let i = 0; i < Number(values.loads); i++)
      loads.push(await open(browser, url, token, platform.child.pid ?? 0));
    return { stored, ...summary(loads) };
  } finally {
    await browser.close();
  }
}

function summary(loads: readonly Opened[]) {
  const paths = [...new Set(loads.flatMap(({ askedMs }) => [...askedMs.keys()]))].toSorted();
  return {
    shownMs: Object.fromEntries(
      Object.keys(parts).map((name) => [
        name,
        sharesOf(loads.map(({ shownMs }) => shownMs[name] ?? longestWaitMs)),
      ]),
    ),
    askedMs: Object.fromEntries(
      paths.map((path) => [path, sharesOf(loads.flatMap(({ askedMs }) => askedMs.get(path) ?? []))]),
    ),
    platformCpuMsASecond: sharesOf(loads.map((load) => load.platformCpuMsASecond)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-overview-'));
try {
  const measured = await measure(folder);
  const command = `node benchmarks/dashboard/overview-open.ts ${process.argv.slice(2).join(' ')}`;
  const report = { command, machine: machine(), loadAverage: loadavg()[0], options: values, ...measured };
  writeResult(report, values.out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
