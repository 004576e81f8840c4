import type { BenchReport } from '../report.ts';
import type { EngineProfile } from './platform-under-load.ts';
import type { LoadProfile } from './profiles.ts';
import { highestKept, ramp, type RampStep } from './ramp.ts';
import type { Sample } from './phase.ts';
import { type RoundResult, runRound } from './round.ts';
import { type RunConfiguration, runReport, type ValidityBounds } from './run-report.ts';

export interface BenchOptions {
  readonly engines: EngineProfile;
  readonly load: LoadProfile;
  readonly seed: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly rounds: number;
  readonly soak?: boolean;
  readonly bounds: ValidityBounds;
  /** How this run is repeated. */
  readonly command: string;
  readonly onRound: (round: number) => void;
  readonly onSample: (sample: Sample) => void;
}

/** Measures one load `rounds` times, each on a fresh platform; the seed differs by round. */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { engines, load, seed, warmupMs, durationMs, bounds, rounds, command } = options;
  const results: RoundResult[] = [];
  for (let i = 0; i < rounds; i++) {
    options.onRound(i + 1);
    results.push(await runRound({ ...options, seed: seed + i }));
  }
  const configuration: RunConfiguration = {
    ...{ engines, load, seed, warmupMs, durationMs, bounds },
    ...(options.soak === true ? { soak: true } : {}),
  };
  return runReport(configuration, results, command);
}

export interface RampResult {
  readonly steps: readonly RampStep[];
  /** Of the highest rate that was kept; undefined where not even the first was. */
  readonly best: RampStep | undefined;
}

/**
 * Finds the highest rate that the platform keeps: a valid run, nothing lost, and the 99th percentile from the intended
 * send to stored within `p99Ms` in every sink. A rate that the generator cannot offer ends the search as well.
 */
export async function rampBench(
  options: BenchOptions,
  p99Ms: number,
  onStep: (ratePerSecond: number) => void,
): Promise<RampResult> {
  const steps = await ramp({
    fromPerSecond: options.load.ratePerSecond,
    offer: async (ratePerSecond) => {
      onStep(ratePerSecond);
      const report = await runBench({ ...options, load: { ...options.load, ratePerSecond }, rounds: 1 });
      return { report, kept: report.verdict === 'VALID' && slowestP99Ms(report) <= p99Ms };
    },
  });
  return { steps, best: highestKept(steps) };
}

function slowestP99Ms(report: BenchReport): number {
  const metrics = Object.entries(report.rounds[0]?.metrics ?? {});
  return Math.max(...metrics.filter(([name]) => name.endsWith(' p99')).map(([, { value }]) => value));
}
