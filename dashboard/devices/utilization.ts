import type { MetricSeriesAnswer } from '../api/answers.ts';

export type Points = readonly (readonly [number, number])[];

/**
 * The points of a utilization as a share of one: the series without labels or, where a source splits it by
 * state, the state `used`. Empty where there is neither.
 */
export function utilizationOf(answer: MetricSeriesAnswer | undefined): Points {
  const series = answer?.series ?? [];
  const whole = series.find(({ labels }) => Object.keys(labels).length === 0);
  return (whole ?? series.find(({ labels }) => labels['state'] === 'used'))?.points ?? [];
}

/** The newest value, or null where it is missing or older than `freshMs`. */
export function currentShare(points: Points, nowMs: number, freshMs = 150_000): number | null {
  const newest = points.at(-1);
  return newest === undefined || nowMs - newest[0] > freshMs ? null : newest[1];
}
