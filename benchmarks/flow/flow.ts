import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { request } from 'undici';

import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { freePort, runCli, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { processUsage, type ProcessUsage } from '../process-usage.ts';

/*
 * From HTTP to stored and queryable on the embedded engines: one platform process, one generator process,
 * events of about 400 to 500 bytes through the real door.
 *
 *   node benchmarks/flow/flow.ts --rate 20000 --duration 60 --rounds 3 --out benchmarks/results/flow.json
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20000' },
    duration: { type: 'string', default: '60' },
    agents: { type: 'string', default: '5000' },
    tenants: { type: 'string', default: '200' },
    duplicates: { type: 'string', default: '0.1' },
    /** How long events of a tenant wait to go in one request, as an agent's spool or a collector has it. */
    linger: { type: 'string', default: '1s' },
    rounds: { type: 'string', default: '1' },
    out: { type: 'string' },
    verify: { type: 'boolean', default: true },
  },
});

/** The generator may be behind by so much before a run says nothing about the platform. */
const maxBehindMs = 1000;

interface Round {
  readonly verdict: 'VALID' | 'INVALID';
  readonly why: string;
  readonly offeredPerSecond: number;
  /** Events of the run over the time from its first to the moment at which all sinks had them. */
  readonly storedPerSecond: number;
  readonly drainSeconds: number;
  readonly latencyMs: Readonly<Record<string, PipelineStatus['latencyMs']>>;
  readonly cpuMicrosPerEvent: number;
  /** The same by kind of thread: see `ProcessUsage`. */
  readonly cpuMicrosByThread: Readonly<Record<string, number>>;
  /** The generator's own, start of its process included. */
  readonly generatorCpuMicrosPerEvent: number;
  readonly peakResidentMb: number;
  readonly idleResidentMb: number;
  readonly loadAverage: number;
  readonly simulated: SimulateReport;
  readonly verified: Pick<VerifyReport, 'verdict' | 'accepted' | 'lost' | 'duplicated'> | null;
}

const rounds: Round[] = [];
for (let i = 0; i < Number(values.rounds); i++) {
  const round = await runRound();
  rounds.push(round);
  process.stderr.write(`${summary(round)}\n`);
}
const result = {
  machine: machine(),
  command: process.argv.slice(1).map(short).join(' '),
  options: values,
  rounds,
};
if (values.out !== undefined) {
  mkdirSync(join(values.out, '..'), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exitCode = rounds.every((round) => round.verdict === 'VALID') ? 0 : 3;

async function runRound(): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'openframe-flow-'));
  try {
    const port = String(await freePort());
    await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
    const pid = platform.child.pid ?? 0;
    await pause(3000);
    const before = await processUsage(pid);
    const startedMs = Date.now();
    const simulating = simulate(folder);
    const latest = watchPipelines(platform.ready.url, platform.ready.token);
    const simulated = await simulating;
    const sentMs = Date.now();
    await untilDrained(platform.ready.url, platform.ready.token);
    const drainedMs = Date.now();
    const latencyMs = latest.stop();
    const after = await processUsage(pid);
    const verified = values.verify ? await verifyFolder(folder) : null;
    const invalid = simulated.behindMs > maxBehindMs;
    const wrong = verified !== null && verified.verdict !== 'OK';
    return {
      verdict: invalid || wrong ? 'INVALID' : 'VALID',
      why: invalid ? `the generator fell ${simulated.behindMs} ms behind` : wrong ? 'verify failed' : '',
      offeredPerSecond: Number(values.rate),
      storedPerSecond: Math.round((simulated.sent * 1000) / (drainedMs - startedMs)),
      drainSeconds: (drainedMs - sentMs) / 1000,
      latencyMs,
      cpuMicrosPerEvent: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / simulated.sent,
      cpuMicrosByThread: byThread(before, after, simulated.sent),
      generatorCpuMicrosPerEvent: simulated.cpuMicrosPerEvent,
      peakResidentMb: Math.round(after.peakResidentBytes / 1e6),
      idleResidentMb: Math.round(before.residentBytes / 1e6),
      loadAverage: loadavg()[0] ?? 0,
      simulated: { ...simulated, uniqueByTenant: {} },
      verified,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function simulate(folder: string): Promise<SimulateReport> {
  const run = await runCli([
    ...['simulate', '--agents', values.agents, '--tenants', values.tenants, '--rate', values.rate],
    ...['--duration', `${values.duration}s`, '--duplicates', values.duplicates, '--linger', values.linger],
    ...['--data-dir', folder],
  ]);
  if (run.code !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as SimulateReport;
}

async function verifyFolder(folder: string): Promise<Round['verified']> {
  const run = await runCli(['verify', '--json', '--data-dir', folder]);
  const { verdict, accepted, lost, duplicated } = JSON.parse(run.stdout) as VerifyReport;
  return { verdict, accepted, lost, duplicated };
}

async function pipelines(url: string, token: string): Promise<readonly PipelineStatus[]> {
  const response = await request(`${url}/api/v1/pipelines`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.body.json()) as { items: PipelineStatus[] }).items;
}

/** Keeps each pipeline's latency as it was last while events came: the meter forgets after a minute. */
function watchPipelines(url: string, token: string): { stop(): Round['latencyMs'] } {
  const latencies: Record<string, PipelineStatus['latencyMs']> = {};
  const look = async (): Promise<void> => {
    for (const { name, latencyMs } of await pipelines(url, token)) latencies[name] = latencyMs;
  };
  const timer = setInterval(() => void look().catch(() => undefined), 1000);
  return {
    stop: () => {
      clearInterval(timer);
      return latencies;
    },
  };
}

async function untilDrained(url: string, token: string): Promise<void> {
  for (let quiet = 0; quiet < 2; await pause(250)) {
    const drained = (await pipelines(url, token)).every((pipeline) => pipeline.lag === 0);
    quiet = drained ? quiet + 1 : 0;
  }
}

function byThread(before: ProcessUsage, after: ProcessUsage, events: number): Record<string, number> {
  const entries = Object.entries(after.cpuSecondsByThread).map(([kind, seconds]) => {
    const used = seconds - (before.cpuSecondsByThread[kind] ?? 0);
    return [kind, Number(((used * 1e6) / events).toFixed(2))] as const;
  });
  return Object.fromEntries(entries);
}

function short(path: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return path.replace(root, '');
}

function summary(round: Round): string {
  const threads = Object.entries(round.cpuMicrosByThread)
    .map(([kind, micros]) => `${kind} ${micros.toFixed(1)}`)
    .join(', ');
  const stored = round.latencyMs['event-log'];
  return (
    `${round.verdict} ${round.why} offered ${round.offeredPerSecond}/s, stored ${round.storedPerSecond}/s, ` +
    `drained in ${round.drainSeconds} s, queryable p50 ${stored?.p50} p99 ${stored?.p99} p99.9 ${stored?.p999} ms, ` +
    `${round.cpuMicrosPerEvent.toFixed(1)} µs CPU an event (${threads}), generator ${round.generatorCpuMicrosPerEvent} µs, peak ${round.peakResidentMb} MB, ` +
    `idle ${round.idleResidentMb} MB, load ${round.loadAverage.toFixed(1)}`
  );
}
