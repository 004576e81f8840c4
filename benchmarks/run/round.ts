import { setTimeout as pause } from 'node:timers/promises';

import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { type Quantiles, quantilesOf, recordedBetween } from './histograms.ts';
import { foreignShare, machineCpuSeconds } from './machine-load.ts';
import { type EngineProfile, type PlatformUnderLoad, startPlatformUnderLoad } from './platform-under-load.ts';
import { type RoleUsage, usageOf } from './processes.ts';
import { type LoadProfile, simulateArguments } from './profiles.ts';

export interface RoundOptions {
  readonly engines: EngineProfile;
  readonly load: LoadProfile;
  readonly seed: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly onSample: (sample: Sample) => void;
}

/** How the platform did at one moment of the measured time. */
export interface Sample {
  readonly second: number;
  readonly storedPerSecond: number;
  readonly lag: Readonly<Record<string, number>>;
  /** Of the last half minute, from acceptance, of the slowest sink. */
  readonly p99Ms: number;
}

export interface RoundResult {
  /** Events sent over the time from the first send to when every sink had them. */
  readonly storedPerSecond: number;
  readonly drainSeconds: number;
  /** From the intended send to durable at the door: `corrected` counts the generator's own delay, `raw` does not. */
  readonly door: { readonly corrected: Quantiles; readonly raw: Quantiles };
  /** From acceptance to the commit of each pipeline. */
  readonly pipelines: Readonly<Record<string, Quantiles>>;
  /** From the intended send to stored, of each sink. */
  readonly endToEnd: Readonly<Record<string, Quantiles>>;
  /** Within the measured time. */
  readonly roles: readonly RoleUsage[];
  readonly generatorCpuSeconds: number;
  /** Share of the machine that other programs took. */
  readonly foreignShare: number;
  readonly samples: readonly Sample[];
  readonly generator: SimulateReport;
  readonly ledger: RoundLedger;
}

/** What was sent, held against what each place has. */
export interface RoundLedger {
  readonly sent: number;
  readonly accepted: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly verdict: VerifyReport['verdict'];
}

const sampleEveryMs = 1_000;
const verifyWaitMs = 300_000;

/** One run of a fresh platform: warm-up, the measured time, and the ledger. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { engines, load, seed, warmupMs, durationMs } = options;
  await using platform = await startPlatformUnderLoad(engines);
  let warmedUp = 0;
  if (warmupMs > 0) {
    const { unique } = await platform.simulate(simulateArguments(load, seed + 1_000_000, warmupMs));
    warmedUp = unique;
    await untilDrained(platform);
  }
  const before = await stateOf(platform);
  const sampler = startSampling(platform, options.onSample);
  const report = await platform.simulate(simulateArguments(load, seed, durationMs));
  const sentMs = Date.now();
  await untilDrained(platform);
  const samples = await sampler.stop();
  const after = await stateOf(platform);
  const verified = await platform.verify(verifyWaitMs);
  const roles = after.usage.map((usage, i) => ({
    ...usage,
    cpuSeconds: usage.cpuSeconds - (before.usage[i]?.cpuSeconds ?? 0),
    cpuSecondsByThread: Object.fromEntries(
      Object.entries(usage.cpuSecondsByThread).map(([kind, seconds]) => [
        kind,
        seconds - (before.usage[i]?.cpuSecondsByThread[kind] ?? 0),
      ]),
    ),
  }));
  const generatorCpuSeconds = (report.cpuMicrosPerEvent * report.sent) / 1e6;
  const measuredCpu = roles.reduce((sum, role) => sum + role.cpuSeconds, 0) + generatorCpuSeconds;
  const wallSeconds = (after.atMs - before.atMs) / 1000;
  const sinks = after.pipelines.filter((pipeline) => pipeline.histograms?.sinceEvent !== undefined);
  return {
    storedPerSecond: Math.round(report.sent / (report.seconds + (after.atMs - sentMs) / 1000)),
    drainSeconds: (after.atMs - sentMs) / 1000,
    door: {
      corrected: quantilesOf(recordedBetween(undefined, report.doorLatency.corrected)),
      raw: quantilesOf(recordedBetween(undefined, report.doorLatency.raw)),
    },
    pipelines: quantilesBetween(before.pipelines, after.pipelines, 'sinceAcceptance'),
    endToEnd: quantilesBetween(before.pipelines, sinks, 'sinceEvent'),
    roles,
    generatorCpuSeconds,
    foreignShare: foreignShare(after.machineCpu - before.machineCpu, measuredCpu, wallSeconds),
    samples,
    generator: { ...report, uniqueByTenant: {} },
    ledger: ledgerOf(warmedUp + report.unique, verified),
  };
}

function ledgerOf(sent: number, verified: VerifyReport): RoundLedger {
  const { accepted, deadLettered, duplicated, verdict } = verified;
  return {
    sent,
    accepted,
    deadLettered,
    duplicated,
    verdict,
    lost: verified.lost + Math.max(0, sent - accepted),
  };
}

async function stateOf(platform: PlatformUnderLoad) {
  const [pipelines, usage, machineCpu] = await Promise.all([
    platform.pipelines(),
    platform.roles().then(usageOf),
    machineCpuSeconds(),
  ]);
  return { pipelines, usage, machineCpu, atMs: Date.now() };
}

function quantilesBetween(
  before: readonly PipelineStatus[],
  after: readonly PipelineStatus[],
  which: 'sinceAcceptance' | 'sinceEvent',
): Record<string, Quantiles> {
  const found: Record<string, Quantiles> = {};
  for (const { name, histograms } of after) {
    const now = histograms?.[which];
    const then = before.find((pipeline) => pipeline.name === name)?.histograms?.[which];
    if (now !== undefined) found[name] = quantilesOf(recordedBetween(then, now));
  }
  return found;
}

function startSampling(
  platform: PlatformUnderLoad,
  onSample: (sample: Sample) => void,
): { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const stopping = new AbortController();
  const startedMs = Date.now();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(sampleEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const pipelines = await platform.pipelines().catch(() => undefined);
      if (pipelines === undefined) continue;
      const sample = sampleOf(pipelines, (Date.now() - startedMs) / 1000);
      samples.push(sample);
      onSample(sample);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      return samples;
    },
  };
}

function sampleOf(pipelines: readonly PipelineStatus[], second: number): Sample {
  const sinks = pipelines.filter((pipeline) => pipeline.histograms?.sinceEvent !== undefined);
  return {
    second,
    storedPerSecond: Math.min(...sinks.map((sink) => sink.ratePerSecond)),
    lag: Object.fromEntries(pipelines.map(({ name, lag }) => [name, lag])),
    p99Ms: Math.max(...sinks.map((sink) => sink.latencyMs.p99)),
  };
}

/** Twice in a row nothing waits anywhere: once alone may be between two batches. */
async function untilDrained(platform: PlatformUnderLoad): Promise<void> {
  for (let quiet = 0; quiet < 2; await pause(200)) {
    const drained = (await platform.pipelines()).every((pipeline) => pipeline.lag === 0);
    quiet = drained ? quiet + 1 : 0;
  }
}
