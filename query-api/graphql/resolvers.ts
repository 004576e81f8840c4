import { z } from 'zod';

import { deviceCompletenessOf } from '../../contracts/device-completeness.ts';
import { deviceStatuses } from '../../contracts/device.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import { aggregates, type EventFilter, type MetricSeries } from '../../sinks/analytics.ts';
import type { DeviceFacet } from '../../stores/device-registry.ts';
import { deviceIdLength, devicePage } from '../questions/device-page.ts';
import { askEventFacets } from '../questions/event-facets.ts';
import { eventPage } from '../questions/event-page.ts';
import { askEventStats } from '../questions/event-stats.ts';
import { askMetricSeries } from '../questions/metric-series.ts';
import { facetNames } from '../rest/event-routes.ts';
import { deviceIdsParameter } from '../rest/metric-routes.ts';
import {
  choiceParameter,
  durationParameter,
  textParameter,
  timeParameter,
  wholeNumberParameter,
} from '../rest/parameters.ts';
import { type Arguments, eventFilterOf, pageShape, parseArguments } from './arguments.ts';
import { connectionOf } from './connection.ts';
import type { GraphContext } from './graph-context.ts';

export type Resolver<Source> = (source: Source, given: Arguments, context: GraphContext) => unknown;

const eventPageSchema = z.object({ ...pageShape, sort: z.enum(['asc', 'desc']).default('desc') });
const devicePageSchema = z.object(pageShape);
const deviceFilterSchema = z.strictObject({
  status: choiceParameter('', deviceStatuses).optional(),
  organizationId: textParameter('', 128).optional(),
  search: textParameter('', 256).optional(),
});
const facetsSchema = z.object({
  limit: wholeNumberParameter('', 1, 200, 20),
  others: z.boolean().default(false),
});
const statsSchema = z.object({
  bucket: durationParameter('').optional(),
  groupBy: z.enum(facetNames).optional(),
  top: wholeNumberParameter('', 1, 100, 10),
});
const seriesSchema = z.object({
  name: textParameter('', 256),
  deviceId: textParameter('', deviceIdLength).optional(),
  deviceIds: deviceIdsParameter.optional(),
  from: timeParameter('').optional(),
  to: timeParameter('').optional(),
  bucket: durationParameter('').optional(),
  agg: z.enum(aggregates).default('avg'),
});
const eventIdSchema = z.object({
  eventId: z
    .uuid({ error: () => 'must be an event id, a UUID such as eventId in the list of events' })
    .transform((id) => id.toLowerCase()),
});
const deviceIdSchema = z.object({ deviceId: textParameter('', deviceIdLength) });

/** The questions. Every reader gets the principal as its scope. */
export const queryResolvers: Readonly<Record<string, Resolver<unknown>>> = {
  session: (_source, _given, { principal: { tenantId, role } }) => ({ tenantId, role }),
  async events(_source, given, { stores, principal }) {
    const filter = eventFilterOf(given);
    const { first, after, sort } = parseArguments(eventPageSchema, given);
    const page = await eventPage(stores.analytics, principal, { filter, sort, limit: first, cursor: after });
    return { ...connectionOf(page, after), filter };
  },
  event: (_source, given, { wholeEventById }) =>
    wholeEventById.load(parseArguments(eventIdSchema, given).eventId),
  eventFacets(_source, given, { stores, principal }) {
    const { limit, others } = parseArguments(facetsSchema, given);
    return askEventFacets(stores.analytics, principal, { filter: eventFilterOf(given), limit, others });
  },
  eventStats(_source, given, { stores, principal }) {
    const { bucket, groupBy, top } = parseArguments(statsSchema, given);
    const question = { filter: eventFilterOf(given), bucketMs: bucket, groupBy, top };
    return askEventStats(stores.analytics, principal, question);
  },
  async devices(_source, given, { stores, principal }) {
    const filter = parseArguments(deviceFilterSchema, given['filter']);
    const { first, after } = parseArguments(devicePageSchema, given);
    const page = await devicePage(stores.devices, principal, filter, { limit: first, cursor: after });
    return connectionOf(page, after);
  },
  device: (_source, given, { deviceById }) => deviceById.load(parseArguments(deviceIdSchema, given).deviceId),
  async deviceFacets(_source, _given, { stores, principal }) {
    const { status, organizationId, platform } = await stores.devices.facets(principal);
    const counted = (facet: readonly DeviceFacet[]) => facet.map(({ key, count }) => ({ value: key, count }));
    return {
      status: counted(status),
      organizationId: counted(organizationId),
      platform: counted(platform),
    };
  },
  metricSeries: (_source, given, { stores, principal }) =>
    askMetricSeries(stores, principal, parseArguments(seriesSchema, given)),
  completeness: (_source, _given, { completeness }) => completeness,
  pipelines: async (_source, _given, { stores }) => stores.pipelines(),
};

const allTimeMs = 100 * 365 * 86_400_000;

export const eventConnectionResolvers: Readonly<Record<string, Resolver<{ readonly filter: EventFilter }>>> =
  {
    async totalCount({ filter }, _given, { stores, principal }) {
      const request = { filter, bucketMs: allTimeMs, top: 1 };
      return (await stores.analytics.stats(principal, request)).total;
    },
  };

export const eventResolvers: Readonly<Record<string, Resolver<StoredEvent>>> = {
  async data({ data, eventId }, _given, { wholeEventById }) {
    return data ?? (await wholeEventById.load(eventId))?.data ?? null;
  },
  async deviceCompleteness(event, _given, { wholeEventById }) {
    return deviceCompletenessOf(
      event.data === null ? ((await wholeEventById.load(event.eventId)) ?? event) : event,
    );
  },
  device: ({ deviceId }, _given, { deviceById }) => (deviceId === null ? null : deviceById.load(deviceId)),
};

export const metricSeriesResolvers: Readonly<Record<string, Resolver<MetricSeries>>> = {
  device: ({ deviceId }, _given, { deviceById }) => deviceById.load(deviceId),
};

export const stageResolvers: Readonly<Record<string, Resolver<PipelineStatus['stages'][number]>>> = {
  dropped: ({ dropped }) => Object.entries(dropped).map(([reason, count]) => ({ reason, count })),
};
