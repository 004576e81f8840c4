import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Analytics, EventFilter, EventStatsRequest } from '../../sinks/analytics.ts';
import { eventFilterShape, toEventFilter } from './event-filter-query.ts';
import { groupByParameter } from './event-routes.ts';
import { durationParameter, wholeNumberParameter } from './parameters.ts';
import { bucketFault, chooseBucketMs } from './bucket-width.ts';
import { jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

const statsSchema = z
  .strictObject({
    total: z.int(),
    buckets: z.array(
      z.strictObject({
        start: z.iso.datetime(),
        count: z.int(),
        groups: z.array(z.strictObject({ key: z.string(), count: z.int() })),
      }),
    ),
  })
  .meta({ id: 'EventStats' });

/** How many buckets the server chooses at most where no width is given. */
const chosenBuckets = 200;

export function createEventStatsRoute(analytics: Analytics): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/events/stats',
    operationId: 'getEventStats',
    summary: 'Counts of events over time',
    tag: 'events',
    description:
      'Buckets in ascending order of time; those without events are left out. At most 10,000 hold events.',
    query: z.strictObject({
      ...eventFilterShape,
      bucket: durationParameter(
        'Width of a bucket; chosen to give about 200 buckets where it is not given.',
      ).optional(),
      groupBy: groupByParameter.optional(),
      top: wholeNumberParameter(
        'Most groups that are named; the rest count in the bucket alone.',
        1,
        100,
        10,
      ),
    }),
    content: { [jsonType]: statsSchema },
    async handle({ principal, query: { bucket, groupBy, top, ...filterQuery } }) {
      const filter = toEventFilter(filterQuery);
      const bucketMs = bucket ?? (await fittingBucketMs(analytics, principal, filter));
      const request = { filter, bucketMs, top, ...(groupBy === undefined ? {} : { groupBy }) };
      const stats = await analytics.stats(principal, request).catch(async (error: unknown) => {
        throw await withSuggestion(error, analytics, principal, request);
      });
      return {
        total: stats.total,
        buckets: stats.buckets.map(({ startMs, count, groups }) => ({
          start: new Date(startMs).toISOString(),
          count,
          groups,
        })),
      };
    },
  });
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
