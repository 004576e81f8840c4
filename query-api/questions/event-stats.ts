import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Analytics, EventFilter, EventStatsRequest, FacetName } from '../../sinks/analytics.ts';
import { bucketFault, chooseBucketMs } from '../rest/bucket-width.ts';

/** How many buckets the server chooses at most where no width is given. */
const chosenBuckets = 200;

export interface EventStatsQuestion {
  readonly filter: EventFilter;
  /** Chosen to give about 200 buckets where it is not given. */
  readonly bucketMs?: number | undefined;
  readonly groupBy?: FacetName | undefined;
  readonly top: number;
}

export interface EventStatsAnswer {
  readonly total: number;
  readonly bucketMs: number;
  readonly buckets: readonly {
    readonly start: string;
    readonly count: number;
    readonly groups: readonly { readonly key: string; readonly count: number }[];
  }[];
}

/** Counts over time. Throws `QUERY_INVALID`, naming a width that would do, where there are too many buckets. */
export async function askEventStats(
  analytics: Analytics,
  scope: TenantScope,
  { filter, bucketMs: asked, groupBy, top }: EventStatsQuestion,
): Promise<EventStatsAnswer> {
  const bucketMs = asked ?? (await fittingBucketMs(analytics, scope, filter));
  const request = { filter, bucketMs, top, ...(groupBy === undefined ? {} : { groupBy }) };
  const stats = await analytics.stats(scope, request).catch(async (error: unknown) => {
    throw await withSuggestion(error, analytics, scope, request);
  });
  return {
    total: stats.total,
    bucketMs,
    buckets: stats.buckets.map(({ startMs, count, groups }) => ({
      start: new Date(startMs).toISOString(),
      count,
      groups,
    })),
  };
}

/** A width that gives about `chosenBuckets` buckets over what is asked for, or over what is found where that is open. */
async function fittingBucketMs(
  analytics: Analytics,
  scope: TenantScope,
  filter: EventFilter,
): Promise<number> {
  const [fromMs, toMs] = await spanOf(analytics, scope, filter);
  return chooseBucketMs(filter.fromMs ?? fromMs, filter.toMs ?? toMs, chosenBuckets);
}

/** The store's refusal of too many buckets, with a width that would do; any other error as it is. */
async function withSuggestion(
  error: unknown,
  analytics: Analytics,
  scope: TenantScope,
  { filter, bucketMs }: EventStatsRequest,
): Promise<unknown> {
  if (!(error instanceof OpenFrameError) || error.code !== 'QUERY_INVALID') return error;
  if (error.details['field'] !== 'bucket') return error;
  return bucketFault(...(await spanOf(analytics, scope, filter)), bucketMs);
}

/** From the oldest matching event to just after the newest, milliseconds. */
async function spanOf(
  analytics: Analytics,
  scope: TenantScope,
  filter: EventFilter,
): Promise<[number, number]> {
  const [oldest] = await analytics.events(scope, { filter, limit: 1, sort: 'asc' });
  const [newest] = await analytics.events(scope, { filter, limit: 1, sort: 'desc' });
  if (oldest === undefined || newest === undefined) return [0, 1];
  return [Date.parse(oldest.eventTime), Date.parse(newest.eventTime) + 1];
}
