import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'undici';

import type { SimulateReport } from '../../simulator/simulate.ts';
import { launchChromium } from '../../tests/dashboard/chromium.ts';
import { freePort, mintToken, runCli, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { sharesOf } from '../shares.ts';
import { writeResult } from '../write-result.ts';
import { openPage, type Seen, seenOn } from './open-pages.ts';

/*
 * From an event's 202 to the frame that shows it on a dashboard that is open in Chromium, while a fleet of the same
 * tenant sends. All clocks are this machine's.
 *
 *   node benchmarks/dashboard/live-latency.ts --rate 5000 --seconds 30 --out benchmarks/results/live-latency.json
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '30' },
    agents: { type: 'string', default: '1000' },
    out: { type: 'string' },
  },
});

const warmUpMs = 8_000;
const probeEveryMs = 100;
const settleMs = 3_000;
/** The generator may be behind by so much before a run says nothing about the platform. */
const maxBehindMs = 1_000;
const pages = {
  'Overview, filtered by severity': '/?severities=CRITICAL',
  'Overview, all events': '/?routine=show',
  'Explore, live tail of a device': '/explore?mode=tail&deviceId=probe',
};

/** Sends a probe now and then; gives when each was accepted. */
async function sendProbes(url: string, token: string, untilMs: number): Promise<ReadonlyMap<string, number>> {
  const accepted = new Map<string, number>();
  const client = new Client(url);
  for (let i = 0; Date.now() < untilMs; i++) {
    const event = {
      ...{ specversion: '1.0', id: `probe-${i}`, source: '/agents/probe', subject: 'probe' },
      ...{ type: 'openframe.log', time: new Date().toISOString() },
      data: { message: `probe-${i} of the benchmark`, severityText: 'FATAL' },
    };
    const answer = await client.request({
      method: 'POST',
      path: '/ingest/v1/events',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: JSON.stringify(event),
    });
    await answer.body.dump();
    if (answer.statusCode === 202) accepted.set(`probe-${i}`, Date.now());
    await pause(probeEveryMs);
  }
  await client.close();
  return accepted;
}

function latencies(accepted: ReadonlyMap<string, number>, seen: Seen) {
  const times: number[] = [];
  for (const [probe, acceptedMs] of accepted) {
    const shownMs = seen[probe] ?? 0;
    if (shownMs > 0) times.push(Math.max(0, shownMs - acceptedMs));
  }
  return { ...sharesOf(times), notShown: accepted.size - times.length };
}

async function simulate(folder: string, seconds: number): Promise<SimulateReport> {
  const run = await runCli([
    ...['simulate', '--agents', values.agents, '--rate', values.rate, '--duration', `${seconds}s`],
    ...['--data-dir', folder],
  ]);
  if (run.code !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as SimulateReport;
}

async function measure(folder: string) {
  const port = String(await freePort());
  await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
  const { url, token } = platform.ready;
  const browser = await launchChromium();
  try {
    const open = await Promise.all(
      Object.entries(pages).map(async ([name, path]) => ({
        name,
        page: await openPage(browser, `${url}${path}`, token),
      })),
    );
    const agent = await mintToken(folder, 'agent');
    const seconds = Number(values.seconds);
    const simulating = simulate(folder, Math.ceil(warmUpMs / 1_000) + seconds);
    await pause(warmUpMs);
    const accepted = await sendProbes(url, agent, Date.now() + seconds * 1_000);
    const simulated = await simulating;
    await pause(settleMs);
    const figures = [];
    for (const { name, page } of open)
      figures.push({ page: name, ms: latencies(accepted, await seenOn(page)) });
    return { simulated, probes: accepted.size, figures };
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-live-'));
try {
  const { simulated, probes, figures } = await measure(folder);
  const report = {
    command: `node benchmarks/dashboard/live-latency.ts ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    loadAverage: loadavg()[0],
    options: values,
    verdict: simulated.behindMs > maxBehindMs ? 'INVALID' : 'VALID',
    generatorBehindMs: simulated.behindMs,
    sent: simulated.sent,
    probes,
    figures,
  };
  writeResult(report, values.out);
  process.exitCode = report.verdict === 'VALID' ? 0 : 3;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
