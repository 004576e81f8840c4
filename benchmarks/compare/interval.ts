import type { Random } from '../../streams/random.ts';

/** An estimate with its confidence interval, as ratios B / A. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface IntervalOptions {
  /** Between 0 and 1: how sure the interval is. */
  readonly confidence: number;
  readonly random: Random;
  readonly resamples?: number;
}

const defaultResamples = 2000;

/**
 * The ratio of paired measurements (one pair a round, taken one after the other), by the bootstrap-t method on the
 * logarithms (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 12), which keeps its promise with few
 * rounds better than percentiles do. Needs at least 3 pairs of positive numbers.
 */
export function pairedRatio(
  a: readonly number[],
  b: readonly number[],
  options: IntervalOptions,
): RatioInterval {
  const differences = b.map((value, i) => Math.log(value) - Math.log(a[i] ?? Number.NaN));
  const estimate = mean(differences);
  const error = standardError(differences);
  const statistics = resampled(options, () => {
    const sample = drawFrom(differences, options.random);
    return { distance: mean(sample) - estimate, error: standardError(sample) };
  });
  return intervalOf(estimate, error, statistics, options.confidence);
}

/** The ratio of measurements that were not taken in pairs. At least 3 on each side. */
export function unpairedRatio(
  a: readonly number[],
  b: readonly number[],
  options: IntervalOptions,
): RatioInterval {
  const logsA = a.map(Math.log);
  const logsB = b.map(Math.log);
  const estimate = mean(logsB) - mean(logsA);
  const error = Math.hypot(standardError(logsA), standardError(logsB));
  const statistics = resampled(options, () => {
    const sampleA = drawFrom(logsA, options.random);
    const sampleB = drawFrom(logsB, options.random);
    return {
      distance: mean(sampleB) - mean(sampleA) - estimate,
      error: Math.hypot(standardError(sampleA), standardError(sampleB)),
    };
  });
  return intervalOf(estimate, error, statistics, options.confidence);
}

interface Resample {
  readonly distance: number;
  readonly error: number;
}

/** The studentised distances of the resamples, ascending; a resample of equal values has none. */
function resampled({ resamples = defaultResamples }: IntervalOptions, draw: () => Resample): number[] {
  const statistics: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const { distance, error } = draw();
    if (error > 0) statistics.push(distance / error);
  }
  return statistics.sort((x, y) => x - y);
}

function intervalOf(
  estimate: number,
  error: number,
  statistics: readonly number[],
  confidence: number,
): RatioInterval {
  const tail = (1 - confidence) / 2;
  const at = (share: number): number => {
    const index = Math.min(statistics.length - 1, Math.max(0, Math.round(share * (statistics.length - 1))));
    return statistics[index] ?? 0;
  };
  return {
    ratio: Math.exp(estimate),
    low: Math.exp(estimate - at(1 - tail) * error),
    high: Math.exp(estimate - at(tail) * error),
  };
}

function drawFrom(values: readonly number[], random: Random): number[] {
  return values.map(() => values[random.below(values.length)] ?? Number.NaN);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
