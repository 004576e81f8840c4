import { setTimeout as pause } from 'node:timers/promises';

import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { type Quantiles, quantilesOf, recordedBetween } from './histograms.ts';
import { machineCpuSeconds } from './machine-load.ts';
import type { PlatformUnderLoad } from './platform-under-load.ts';
import { residentMbOf, type RoleUsage, usageOf } from './processes.ts';
import { type LoadProfile, type NoisyTenant, noisyArguments, simulateArguments } from './profiles.ts';

/** How the platform did at one moment of the measured time. */
export interface Sample {
  readonly second: number;
  readonly storedPerSecond: number;
  readonly lag: Readonly<Record<string, number>>;
  /** Of the last half minute, from acceptance, of the slowest sink. */
  readonly p99Ms: number;
  /** Memory of all processes of the platform. */
  readonly residentMb: number;
}

/** What the platform had done and used at one moment; histograms and usage count from its start. */
export interface PlatformState {
  readonly pipelines: readonly PipelineStatus[];
  readonly usage: readonly RoleUsage[];
  readonly machineCpu: number;
  readonly atMs: number;
}

/** One stretch of load, until everything of it was through. */
export interface Phase {
  readonly before: PlatformState;
  readonly after: PlatformState;
  readonly sentMs: number;
  readonly fleet: SimulateReport;
  readonly noisy?: SimulateReport;
  readonly samples: readonly Sample[];
}

export interface PhaseOptions {
  readonly load: LoadProfile;
  readonly seed: number;
  readonly durationMs: number;
  readonly noisy?: NoisyTenant | undefined;
  readonly onSample: (sample: Sample) => void;
}

const sampleEveryMs = 1_000;

/** Offers the fleet's load, and the noisy tenant's beside it where there is one, each from a process of its own. */
export async function runPhase(platform: PlatformUnderLoad, options: PhaseOptions): Promise<Phase> {
  const { load, seed, durationMs, onSample } = options;
  const before = await stateOf(platform);
  await using sampler = startSampling(platform, onSample);
  const [fleet, noisy] = await Promise.all([
    platform.simulate(simulateArguments(load, seed, durationMs)),
    options.noisy === undefined
      ? undefined
      : platform.simulate(noisyArguments(options.noisy, seed, durationMs)),
  ]);
  const sentMs = Date.now();
  await untilDrained(platform);
  const samples = await sampler.stop();
  const after = await stateOf(platform);
  return { before, after, sentMs, fleet, samples, ...(noisy === undefined ? {} : { noisy }) };
}

/** Of what each pipeline committed between the two states, by the pipeline's name. */
export function quantilesBetween(
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

async function stateOf(platform: PlatformUnderLoad): Promise<PlatformState> {
  const [pipelines, usage, machineCpu] = await Promise.all([
    platform.pipelines(),
    platform.roles().then((roles) => usageOf([...roles, ...platform.servers])),
    machineCpuSeconds(),
  ]);
  return { pipelines, usage, machineCpu, atMs: Date.now() };
}

function startSampling(
  platform: PlatformUnderLoad,
  onSample: (sample: Sample) => void,
): AsyncDisposable & { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const stopping = new AbortController();
  const startedMs = Date.now();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(sampleEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const sample = await sampleOf(platform, startedMs).catch(() => undefined);
      if (sample === undefined) continue;
      samples.push(sample);
      onSample(sample);
    }
  };
  const running = loop();
  const stop = async (): Promise<Sample[]> => {
    stopping.abort();
    await running;
    return samples;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function sampleOf(platform: PlatformUnderLoad, startedMs: number): Promise<Sample> {
  const pipelines = await platform.pipelines();
  const residentMb = await platform.roles().then(residentMbOf);
  const sinks = pipelines.filter((pipeline) => pipeline.histograms?.sinceEvent !== undefined);
  return {
    second: (Date.now() - startedMs) / 1000,
    storedPerSecond: Math.min(...sinks.map((sink) => sink.ratePerSecond)),
    lag: Object.fromEntries(pipelines.map(({ name, lag }) => [name, lag])),
    p99Ms: Math.max(...sinks.map((sink) => sink.latencyMs.p99)),
    residentMb,
  };
}

/** Twice in a row nothing waits anywhere: once alone may be between two batches. */
export async function untilDrained(platform: PlatformUnderLoad): Promise<void> {
  for (let quiet = 0; quiet < 2; await pause(200)) {
    const drained = (await platform.pipelines()).every((pipeline) => pipeline.lag === 0);
    quiet = drained ? quiet + 1 : 0;
  }
}
