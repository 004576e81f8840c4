import { z } from 'zod';

import { eventLimits } from '../../contracts/event.ts';
import { type Analytics, aggregates } from '../../sinks/analytics.ts';
import type { Clock } from '../../streams/clock.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { askMetricSeries } from '../questions/metric-series.ts';
import {
  choiceParameter,
  durationParameter,
  listParameter,
  textParameter,
  timeParameter,
} from './parameters.ts';
import { completenessShape, jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

export const deviceIdsParameter = listParameter(textParameter('', eventLimits.sourceLength), {
  description: 'These devices, instead of deviceId.',
  must: `1 to ${eventLimits.sourceLength} characters`,
});

const seriesSchema = z.strictObject({
  series: z.array(
    z
      .strictObject({
        deviceId: z.string(),
        labels: z.record(z.string(), z.string()),
        points: z
          .array(z.array(z.number()).length(2))
          .describe('[milliseconds since the epoch at which the bucket starts, value], ascending.'),
      })
      .meta({ id: 'MetricSeries' }),
  ),
  ...completenessShape,
});

export function createMetricRoutes(deps: {
  readonly analytics: Analytics;
  readonly clock: Clock;
  readonly completeness: AskCompleteness;
}): RestRoute[] {
  return [
    readRoute({
      params: noParameters,
      path: '/metrics/series',
      operationId: 'getMetricSeries',
      summary: 'A measurement over time',
      tag: 'metrics',
      description:
        'One series for each device and set of labels that has samples in the time, at most 200; named devices share these evenly.',
      query: z.strictObject({
        name: textParameter('The measurement, such as system.cpu.utilization.', 256),
        deviceId: textParameter(
          'One device; all where it is not given.',
          eventLimits.sourceLength,
        ).optional(),
        deviceIds: deviceIdsParameter.optional(),
        from: timeParameter(
          'Samples at or after this moment; an hour before `to` where it is not given.',
        ).optional(),
        to: timeParameter('Samples before this moment; now where it is not given.').optional(),
        bucket: durationParameter(
          'Width of a bucket; chosen to give at most 300 points where it is not given.',
        ).optional(),
        agg: choiceParameter('What a point says of the samples of its bucket.', aggregates)
          .default('avg')
          .meta({ default: 'avg' }),
      }),
      content: { [jsonType]: seriesSchema },
      handle: ({ principal, query }) =>
        withCompleteness(deps.completeness, principal, async () => ({
          series: await askMetricSeries(deps, principal, query),
        })),
    }),
  ];
}
