import { useMemo } from 'react';

import { type Points, utilizationsOf } from './utilization.ts';
import { useSeries } from './use-series.ts';

/** The part of a utilization's name that differs. */
export type Resource = 'cpu' | 'memory';

export interface UtilizationWindow {
  readonly spanMs: number;
  readonly bucket: string;
  readonly bucketMs: number;
}

const everyMs = 4_000;
export const sparklineWindow: UtilizationWindow = { spanMs: 300_000, bucket: '5s', bucketMs: 5_000 };
const resources: readonly Resource[] = ['cpu', 'memory'];

const none: ReadonlyMap<string, Points> = new Map();

/** A device's utilization over a window that ends now; undefined before the first answer. */
export function useUtilization(
  deviceId: string,
  resource: Resource,
  window: UtilizationWindow,
): Points | undefined {
  const { data } = useSeries({
    ...window,
    names: [nameOf(resource)],
    deviceIds: [deviceId],
    agg: 'avg',
    everyMs,
    keepFormer: false,
  });
  const answer = data?.[0]?.answer;
  return answer === undefined ? undefined : (utilizationsOf(answer).get(deviceId) ?? []);
}

/**
 * By resource and device: the utilization over the last five minutes; empty before the first answer. The newest values
 * come first, since reading the samples of all devices takes its time.
 */
export function useUtilizations(
  deviceIds: readonly string[],
): Readonly<Record<Resource, ReadonlyMap<string, Points>>> {
  const { data } = useSeries({
    ...sparklineWindow,
    newestFirst: true,
    names: resources.map(nameOf),
    deviceIds,
    agg: 'avg',
    everyMs,
    keepFormer: true,
  });
  return useMemo(() => {
    const [cpu, memory] = (data ?? []).map(({ answer }) => utilizationsOf(answer));
    return { cpu: cpu ?? none, memory: memory ?? none };
  }, [data]);
}

function nameOf(resource: Resource): string {
  return `system.${resource}.utilization`;
}
