import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { MetricSeriesAnswer } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';
import { type Points, utilizationsOf } from './utilization.ts';

/** The part of a utilization's name that differs. */
export type Resource = 'cpu' | 'memory';

export interface UtilizationWindow {
  readonly spanMs: number;
  readonly bucket: string;
  readonly everyMs: number;
}

export const sparklineWindow: UtilizationWindow = { spanMs: 300_000, bucket: '5s', everyMs: 4_000 };

const none: ReadonlyMap<string, Points> = new Map();

/** A device's utilization over a window that ends now; undefined before the first answer. */
export function useUtilization(
  deviceId: string,
  resource: Resource,
  window: UtilizationWindow,
): Points | undefined {
  const deviceIds = useMemo(() => [deviceId], [deviceId]);
  const { data } = useSeries(deviceIds, resource, window, false);
  return data === undefined ? undefined : (utilizationsOf(data).get(deviceId) ?? []);
}

/**
 * By device: its utilization over the last five minutes; empty before the first answer. One question for all of them:
 * what is asked for each apart waits for the others, and so does whatever else the page asks.
 */
export function useUtilizations(
  deviceIds: readonly string[],
  resource: Resource,
): ReadonlyMap<string, Points> {
  const { data } = useSeries(deviceIds, resource, sparklineWindow, true);
  return useMemo(() => (data === undefined ? none : utilizationsOf(data)), [data]);
}

function useSeries(
  deviceIds: readonly string[],
  resource: Resource,
  { spanMs, bucket, everyMs }: UtilizationWindow,
  keepFormer: boolean,
): UseQueryResult<MetricSeriesAnswer> {
  const name = `system.${resource}.utilization`;
  return usePoll<MetricSeriesAnswer>({
    path: '/metrics/series',
    key: [name, deviceIds, spanMs],
    params: (nowMs) => ({
      name,
      deviceIds,
      from: isoTime(nowMs - spanMs),
      to: isoTime(nowMs),
      bucket,
      agg: 'avg',
    }),
    everyMs,
    keepFormer,
    enabled: deviceIds.length > 0,
  });
}
