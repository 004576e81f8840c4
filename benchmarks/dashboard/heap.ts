import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright-core';

import { launchChromium } from '../../tests/dashboard/chromium.ts';
import { freePort, runCli, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { writeResult } from '../write-result.ts';

/*
 * The heap of dashboards that stay open, in Chromium: their timers run many times as fast, so that they ask as often in
 * two minutes as in hours, and a fleet sends many events a second. After each forced collection the heap is read.
 *
 *   node benchmarks/dashboard/heap.ts --seconds 120 --speed 60 --rate 1000 --out benchmarks/results/dashboard-heap.json
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    /** How many times as fast the pages' timers run. */
    speed: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
    out: { type: 'string' },
  },
});

const samples = 12;
const pages = {
  'Overview, all events': '/?routine=show',
  Explore: '/explore?range=15m',
  'Live tail': '/explore?mode=tail',
  Pipelines: '/pipelines',
};

/** Makes timers of a page run faster; what time it is stays true, so that its questions have answers. */
const hurry = `
  const speed = ${Number(values.speed)};
  for (const name of ['setTimeout', 'setInterval']) {
    const original = globalThis[name].bind(globalThis);
    globalThis[name] = (work, ms = 0, ...rest) => original(work, ms / speed, ...rest);
  }
`;

interface OpenPage {
  readonly name: string;
  readonly page: Page;
  readonly session: CDPSession;
  readonly asked: { count: number };
}

async function openPage(browser: Browser, name: string, address: string): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const asked = { count: 0 };
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/')) asked.count++;
  });
  await page.addInitScript(hurry);
  await page.goto(address);
  const session = await context.newCDPSession(page);
  return { name, page, session, asked };
}

/** After a collection: what JavaScript holds, in MB, and how many nodes the document has that are still held. */
async function heapOf({ session }: OpenPage): Promise<{ readonly heapMb: number; readonly nodes: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  return { heapMb: Number((usedSize / 2 ** 20).toFixed(2)), nodes };
}

/** MB an hour of the page's own time, by the least squares over the samples of the second half. */
function slopePerHour(heapMb: readonly number[], hoursBetween: number): number {
  const half = heapMb.slice(Math.floor(heapMb.length / 2));
  const meanX = (half.length - 1) / 2;
  const meanY = half.reduce((a, b) => a + b, 0) / half.length;
  const above = half.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0);
  const below = half.reduce((sum, _y, x) => sum + (x - meanX) ** 2, 0);
  return Number((above / below / hoursBetween).toFixed(3));
}

async function measure(folder: string) {
  const port = String(await freePort());
  await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
  const { url, token } = platform.ready;
  const browser = await launchChromium();
  try {
    const seconds = Number(values.seconds);
    const simulating = runCli([
      ...['simulate', '--agents', '500', '--rate', values.rate, '--duration', `${seconds + 15}s`],
      ...['--data-dir', folder],
    ]);
    const open = [];
    for (const [name, path] of Object.entries(pages))
      open.push(await openPage(browser, name, `${url}${path}#token=${token}`));
    await pause(10_000);
    const heaps = open.map((page) => ({ page, samples: [] as Awaited<ReturnType<typeof heapOf>>[] }));
    for (let i = 0; i <= samples; i++) {
      for (const { page, samples: taken } of heaps) taken.push(await heapOf(page));
      if (i < samples) await pause((seconds * 1_000) / samples);
    }
    await simulating;
    const hoursBetween = (seconds * Number(values.speed)) / samples / 3_600;
    return heaps.map(({ page, samples: taken }) => ({
      page: page.name,
      asked: page.asked.count,
      heapMb: taken.map(({ heapMb }) => heapMb),
      nodes: taken.map(({ nodes }) => nodes),
      mbAnHour: slopePerHour(
        taken.map(({ heapMb }) => heapMb),
        hoursBetween,
      ),
    }));
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-heap-'));
try {
  const figures = await measure(folder);
  const report = {
    command: `node benchmarks/dashboard/heap.ts ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    loadAverage: loadavg()[0],
    options: values,
    hoursOfTimers: (Number(values.seconds) * Number(values.speed)) / 3_600,
    figures,
  };
  writeResult(report, values.out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
