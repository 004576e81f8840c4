import type { MetricSeriesAnswer } from '../api/answers.ts';

export type Points = readonly (readonly [number, number])[];

type Series = MetricSeriesAnswer['series'][number];

/**
 * By device: the points of a utilization as a share of one, of the series without labels or, where a source splits it
 * by state, of the state `used`. A device that has neither is left out.
 */
export function utilizationsOf({ series }: MetricSeriesAnswer): ReadonlyMap<string, Points> {
  const points = new Map<string, Points>();
  for (const [deviceId, ofDevice] of Map.groupBy(series, (one) => one.deviceId)) {
    const found = ofDevice.find(isWhole) ?? ofDevice.find(({ labels }) => labels['state'] === 'used');
    if (found !== undefined) points.set(deviceId, found.points);
  }
  return points;
}

function isWhole({ labels }: Series): boolean {
  return Object.keys(labels).length === 0;
}

/** The newest value, or null where it is missing or older than `freshMs`. */
export function currentShare(points: Points, nowMs: number, freshMs = 150_000): number | null {
  const newest = points.at(-1);
  return newest === undefined || nowMs - newest[0] > freshMs ? null : newest[1];
}
