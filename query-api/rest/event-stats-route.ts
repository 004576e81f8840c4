import { z } from 'zod';

import type { Analytics } from '../../sinks/analytics.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { askEventStats } from '../questions/event-stats.ts';
import { eventFilterShape, toEventFilter } from './event-filter-query.ts';
import { groupByParameter } from './event-routes.ts';
import { durationParameter, wholeNumberParameter } from './parameters.ts';
import { completenessShape, jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

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
    ...completenessShape,
  })
  .meta({ id: 'EventStats' });

export function createEventStatsRoute({
  analytics,
  completeness,
}: {
  readonly analytics: Analytics;
  readonly completeness: AskCompleteness;
}): RestRoute {
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
      return withCompleteness(completeness, principal, async () => {
        const question = { filter, bucketMs: bucket, groupBy, top };
        const { total, buckets } = await askEventStats(analytics, principal, question);
        return { total, buckets };
      });
    },
  });
}
