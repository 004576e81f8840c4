import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { openLog } from '../kafka-clients/clients.ts';
import { makeReport } from '../make-report.ts';
import type { BenchReport, Metric } from '../report.ts';
import { rotated } from '../rotated.ts';
import { generate } from './events.ts';
import { MeasuredProcess } from './measured-process.ts';
import { buildPeer, type PeerProgram, type SteadyPeerName } from './peers.ts';
import { PeerTopics } from './peer-topics.ts';
import { latencyOf, type Recovery, recoveryOf, type SteadyLatency } from './steady-result.ts';
import { nowMs, SteadyReader, SteadyWriter } from './steady-stream.ts';

export interface SteadyOptions {
  /** `host:port` of Kafka's brokers, separated by commas. */
  readonly brokers: string;
  readonly ratePerSecond: number;
  /** Distinct events that lie in the topic before, all within the window: what the state holds at first. */
  readonly stateEvents: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Ends the program by `kill -9` after the warm-up and starts it again; `empty-disk` removes what it kept locally. */
  readonly kill?: 'keep-disk' | 'empty-disk';
  readonly rounds: number;
  readonly seed: number;
  readonly peers: readonly SteadyPeerName[];
  readonly nodeArguments: readonly string[];
  readonly command: string;
  readonly onRun: (run: SteadyRun) => void;
}

export interface SteadyRun {
  readonly peer: SteadyPeerName;
  readonly latency: SteadyLatency;
  /** CPU that the program took in the measured time, of one core; with a kill, of the new process since its start. */
  readonly cores: number;
  readonly peakResidentMb: number;
  /** Null where nothing came out after the kill; left out without one. */
  readonly recovery?: Recovery | null;
  readonly lost: number;
  readonly duplicated: number;
  /** How late the generator was at worst. */
  readonly behindMs: number;
  readonly loadAverage: number;
}

const restoreTimeoutMs = 300_000;
const drainTimeoutMs = 60_000;
const mostBehindMs = 50;
const pollMs = 50;

/**
 * The peers' job at a constant rate, one program after the other, the order rotated each round: latency from when an
 * event was due to when a consumer of committed records has its output, and CPU; or what follows a `kill -9`.
 */
export async function runSteady(options: SteadyOptions): Promise<BenchReport> {
  const { peers, rounds } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-steady-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const programs = new Map<SteadyPeerName, PeerProgram>();
  for (const peer of peers) programs.set(peer, await buildPeer(peer, folder, options.nodeArguments));
  const results: SteadyRun[][] = [];
  for (let round = 0; round < rounds; round++) {
    const runs: SteadyRun[] = [];
    for (const peer of rotated(peers, round)) {
      const program = programs.get(peer);
      if (program === undefined) continue;
      const run: SteadyRun = { peer, ...(await runOnce(program, folder, options)) };
      runs.push(run);
      options.onRun(run);
    }
    results.push(runs);
  }
  return reportOf(options, results);
}

async function runOnce(
  program: PeerProgram,
  parent: string,
  options: SteadyOptions,
): Promise<Omit<SteadyRun, 'peer'>> {
  const { brokers, stateEvents, seed, ratePerSecond, warmupMs, durationMs } = options;
  const prefix = `steady-${randomUUID().slice(0, 8)}-`;
  await using stack = new AsyncDisposableStack();
  const topics = stack.use(await PeerTopics.open(brokers, prefix));
  await topics.createInputs();
  await topics.createOutputs();
  const log = stack.use(await openLog('platformatic', brokers, prefix));
  const { distinct } = await generate(log, stateEvents, seed);
  const clock = createSystemClock();
  const client = await createPlatformaticClient({
    ...{ brokers: brokers.split(','), clientId: 'bench-reader', requestTimeoutMs: 10_000, clock },
  });
  stack.use(client);
  const reader = stack.use(new SteadyReader(client, prefix));
  const folder = await mkdtemp(join(parent, 'run-'));
  const command = [...program.command, brokers, prefix, ...program.steady(folder)];
  let running = new MeasuredProcess(command);
  stack.defer(() => running[Symbol.asyncDispose]());
  await until(() => reader.found >= distinct, restoreTimeoutMs, running);
  const loadAverage = loadavg()[0] ?? 0;
  const writer = stack.use(new SteadyWriter(log, ratePerSecond, distinct, seed + 1));
  await pause(warmupMs);
  const killedMs = nowMs();
  if (options.kill !== undefined) {
    await running.kill();
    if (options.kill === 'empty-disk') await emptied(folder);
    running = new MeasuredProcess(command);
  }
  const [before, fromMs] = [running.usage(), nowMs()];
  await pause(durationMs);
  const [after, toMs] = [running.usage(), nowMs()];
  await writer.stop();
  const { dueMs, behindMs } = writer;
  const total = distinct + dueMs.length;
  await until(() => reader.found >= total, drainTimeoutMs, running).catch(() => undefined);
  const seenMs = reader.seenMs.slice(distinct);
  const { found } = reader;
  return {
    latency: latencyOf(dueMs, seenMs, fromMs, toMs),
    cores: (after.cpuSeconds - before.cpuSeconds) / ((toMs - fromMs) / 1000),
    peakResidentMb: after.peakResidentMb,
    ...(options.kill === undefined ? {} : { recovery: recoveryOf(dueMs, seenMs, killedMs) }),
    lost: total - found,
    duplicated: reader.outputs - found,
    behindMs,
    loadAverage,
  };
}

async function until(reached: () => boolean, timeoutMs: number, running: MeasuredProcess): Promise<void> {
  const endsAtMs = nowMs() + timeoutMs;
  while (!reached()) {
    if (running.isOver) throw new Error('the program ended by itself: its own output says why');
    if (nowMs() > endsAtMs)
      throw new Error(`the program did not write everything within ${timeoutMs / 1000} s`);
    await pause(pollMs);
  }
}

async function emptied(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}

function reportOf(options: SteadyOptions, results: readonly (readonly SteadyRun[])[]): BenchReport {
  const { command, ratePerSecond, stateEvents, warmupMs, durationMs, kill, seed, peers } = options;
  const configuration = {
    ...{ ratePerSecond, stateEvents, warmupMs, durationMs, seed, peers },
    ...(kill === undefined ? {} : { kill }),
  };
  const runs = results.flat();
  const late = runs.filter(({ behindMs }) => behindMs > mostBehindMs);
  const wrong = runs.filter(({ peer, lost, duplicated }) => peer === 'openframe' && lost + duplicated > 0);
  return makeReport({
    kind: options.kill === undefined ? 'steady' : 'kill',
    verdict: wrong.length > 0 ? 'FAILED' : late.length > 0 ? 'INVALID' : 'VALID',
    reasons: [
      ...wrong.map(
        ({ lost, duplicated }) => `Of openframe's events ${lost} were lost, ${duplicated} doubled.`,
      ),
      ...late.map(
        ({ peer, behindMs }) =>
          `Beside ${peer} the generator fell ${Math.round(behindMs)} ms behind its rate (bound ${mostBehindMs} ms).`,
      ),
    ],
    command,
    configuration,
    rounds: results.map((round) => ({
      metrics: Object.assign({}, ...round.map(metricsOf)) as Record<string, Metric>,
      details: round,
    })),
  });
}

function metricsOf({ peer, latency, cores, peakResidentMb, recovery }: SteadyRun): Record<string, Metric> {
  const lower = (value: number, unit: string): Metric => ({ value, unit, better: 'lower' });
  const memory = { [`${peer} memory`]: lower(peakResidentMb, 'MB at the peak') };
  if (recovery === null) return memory;
  if (recovery !== undefined) {
    return {
      [`${peer} first output`]: lower(recovery.firstOutput, 's after kill -9'),
      [`${peer} caught up`]: lower(recovery.caughtUp, 's after kill -9'),
      ...memory,
    };
  }
  return {
    [`${peer} p50`]: lower(latency.p50, 'ms'),
    [`${peer} p99`]: lower(latency.p99, 'ms'),
    [`${peer} p99.9`]: lower(latency.p999, 'ms'),
    [`${peer} CPU`]: lower(cores, 'of a core'),
    ...memory,
  };
}
