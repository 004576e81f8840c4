import type { TenantScope } from '../../contracts/tenant.ts';
import type { Aggregate, Analytics, MetricSeries } from '../../sinks/analytics.ts';
import type { Clock } from '../../streams/clock.ts';
import { chooseBucketMs, requireBucketCount } from '../rest/bucket-width.ts';
import { requireOrder } from '../rest/event-filter-query.ts';
import { fieldFault } from '../rest/parse-request.ts';

const hourMs = 3_600_000;
/** How many points of a series the server chooses at most where no width is given. */
const chosenPoints = 300;

/** Moments and widths in milliseconds; what is not given is chosen: the last hour, at most 300 points. */
export interface MetricSeriesQuestion {
  readonly name: string;
  readonly deviceId?: string | undefined;
  readonly deviceIds?: readonly string[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly bucket?: number | undefined;
  readonly agg: Aggregate;
}

/** Throws `QUERY_INVALID` where `from` is not before `to`, the time holds too many buckets, or devices are named twice over. */
export async function askMetricSeries(
  deps: { readonly analytics: Analytics; readonly clock: Pick<Clock, 'nowMs'> },
  scope: TenantScope,
  { name, deviceId, deviceIds, from, to, bucket, agg }: MetricSeriesQuestion,
): Promise<readonly MetricSeries[]> {
  const toMs = to ?? Math.max(deps.clock.nowMs(), (from ?? 0) + 1);
  const fromMs = from ?? toMs - hourMs;
  requireOrder(fromMs, toMs);
  const bucketMs = bucket ?? chooseBucketMs(fromMs, toMs, chosenPoints);
  requireBucketCount(fromMs, toMs, bucketMs);
  if (deviceId !== undefined && deviceIds !== undefined)
    throw fieldFault('deviceIds', deviceIds.join(','), 'must not be given beside "deviceId"');
  const named = deviceIds ?? (deviceId === undefined ? undefined : [deviceId]);
  const only = named === undefined ? {} : { deviceIds: [...new Set(named)] };
  return deps.analytics.metricSeries(scope, { name, fromMs, toMs, bucketMs, aggregate: agg, ...only });
}
