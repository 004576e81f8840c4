import { middleOf } from '../middle.ts';
import type { Sample } from './phase.ts';

/** How a platform did over a long time: medians of the second and of the last third, the first being its warming up. */
export interface SoakTrend {
  readonly memoryMb: { readonly middle: number; readonly end: number };
  /** By Theil and Sen over the last two thirds: the median slope of all pairs, which single peaks do not move. */
  readonly memoryMbPerHour: number;
  /** Records that waited in all pipelines together. */
  readonly lag: { readonly middle: number; readonly end: number };
  readonly lagPerHour: number;
}

/** Memory that grew by more is no longer flat: collections alone move the median of a third by 2 to 3 %. */
const flatShare = 0.05;
/** So many seconds of load may wait more at the end than in the middle. */
const lagSeconds = 1;
/** Of so many pairs the median says enough. */
const mostPoints = 400;

export function soakTrend(samples: readonly Sample[]): SoakTrend {
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const end = samples.slice(2 * third);
  const late = [...middle, ...end];
  const memory = ({ residentMb }: Sample): number => residentMb;
  return {
    memoryMb: { middle: median(middle.map(memory)), end: median(end.map(memory)) },
    memoryMbPerHour: slopePerHour(late, memory),
    lag: { middle: median(middle.map(lagOf)), end: median(end.map(lagOf)) },
    lagPerHour: slopePerHour(late, lagOf),
  };
}

/** What was not flat, a sentence each. */
export function soakFaults({ memoryMb, lag }: SoakTrend, ratePerSecond: number): string[] {
  const faults: string[] = [];
  if (memoryMb.end > memoryMb.middle * (1 + flatShare)) {
    faults.push(
      `memory grew from ${Math.round(memoryMb.middle)} to ${Math.round(memoryMb.end)} MB (bound ${flatShare * 100} %)`,
    );
  }
  if (lag.end > lag.middle + ratePerSecond * lagSeconds) {
    faults.push(`lag grew from ${lag.middle} to ${lag.end} records (bound ${lagSeconds} s of load)`);
  }
  return faults;
}

function lagOf({ lag }: Sample): number {
  return Object.values(lag).reduce((sum, records) => sum + records, 0);
}

function slopePerHour(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const step = Math.max(1, Math.ceil(samples.length / mostPoints));
  const points = samples.filter((_, i) => i % step === 0);
  const slopes = points.flatMap((a, i) =>
    points
      .slice(i + 1)
      .filter((b) => b.second > a.second)
      .map((b) => (of(b) - of(a)) / (b.second - a.second)),
  );
  return median(slopes) * 3600;
}

function median(values: readonly number[]): number {
  return middleOf(values) ?? 0;
}
