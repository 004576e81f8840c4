import { middleOf } from '../middle.ts';
import type { BenchReport } from '../report.ts';

/** A point of a measured curve. */
export interface CurvePoint {
  readonly at: number;
  readonly value: number;
}

/** The medians over the rounds of the metrics that are named `<curve> <number>`, ascending; `suffix` stands behind. */
export function curveOf({ rounds }: BenchReport, curve: string, suffix = ''): CurvePoint[] {
  const names = new Set(rounds.flatMap(({ metrics }) => Object.keys(metrics)));
  return [...names]
    .filter((name) => name.startsWith(`${curve} `) && name.endsWith(suffix))
    .map((name) => ({
      at: Number(name.slice(curve.length + 1, name.length - suffix.length)),
      value: medianOf({ rounds }, name),
    }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at);
}

export function medianOf({ rounds }: Pick<BenchReport, 'rounds'>, name: string): number {
  const middle = middleOf(rounds.flatMap(({ metrics }) => metrics[name]?.value ?? []));
  if (middle === undefined) throw new RangeError(`no round has the metric ${name}`);
  return middle;
}

/**
 * The value at `at`: between two points by the logarithm of where they stand, beyond the ends that of the end, since a
 * curve says nothing of what was not measured. Needs one point at least.
 */
export function valueAt(points: readonly CurvePoint[], at: number): number {
  const above = points.findIndex((point) => point.at >= at);
  const [low, high] = [points[above - 1], points[above]];
  if (above === -1) return points.at(-1)?.value ?? Number.NaN;
  if (high === undefined || low === undefined) return points[0]?.value ?? Number.NaN;
  const share = (Math.log(at) - Math.log(low.at)) / (Math.log(high.at) - Math.log(low.at));
  return low.value + share * (high.value - low.value);
}

/** What one more costs, between the ends of the curve. */
export function slopeOf(points: readonly CurvePoint[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first.at === last.at) return 0;
  return (last.value - first.value) / (last.at - first.at);
}
