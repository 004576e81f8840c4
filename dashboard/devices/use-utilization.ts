import type { MetricSeriesAnswer } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';
import { type Points, utilizationOf } from './utilization.ts';

/** The part of a utilization's name that differs. */
export type Resource = 'cpu' | 'memory';

export interface UtilizationWindow {
  readonly spanMs: number;
  readonly bucket: string;
  readonly everyMs: number;
}

export const sparklineWindow: UtilizationWindow = { spanMs: 300_000, bucket: '5s', everyMs: 4_000 };

/** A device's utilization over a window that ends now; undefined before the first answer. */
export function useUtilization(
  deviceId: string,
  resource: Resource,
  window: UtilizationWindow = sparklineWindow,
): Points | undefined {
  const name = `system.${resource}.utilization`;
  const { data } = usePoll<MetricSeriesAnswer>({
    path: '/metrics/series',
    key: [name, deviceId, window.spanMs],
    params: (nowMs) => ({
      name,
      deviceId,
      from: isoTime(nowMs - window.spanMs),
      to: isoTime(nowMs),
      bucket: window.bucket,
      agg: 'avg',
    }),
    everyMs: window.everyMs,
    keepFormer: false,
  });
  return data === undefined ? undefined : utilizationOf(data);
}
