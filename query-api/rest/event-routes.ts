import { z } from 'zod';

import { deviceCompletenessOf, deviceCompletenessSchema } from '../../contracts/device-completeness.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { storedEventSchema } from '../../contracts/event.ts';
import type { Analytics, FacetName } from '../../sinks/analytics.ts';
import type { EventLog } from '../../sinks/event-log.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { askEventFacets } from '../questions/event-facets.ts';
import { eventPage, nextCursorOf } from '../questions/event-page.ts';
import { entityTag, isNotModified } from './etag.ts';
import { eventFilterShape, toEventFilter } from './event-filter-query.ts';
import { choiceParameter, textParameter, wholeNumberParameter } from './parameters.ts';
import { completenessShape, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

export const cursorParameter = textParameter(
  'The nextCursor of the page before, with the same filters.',
  4096,
);
export const sortParameter = choiceParameter('Oldest (asc) or newest (desc) first, by event time.', [
  'asc',
  'desc',
])
  .default('desc')
  .meta({ default: 'desc' });

const eventSchema = storedEventSchema.meta({ id: 'Event' });
const wholeEventSchema = storedEventSchema
  .extend({ deviceCompleteness: deviceCompletenessSchema })
  .meta({ id: 'WholeEvent' });
export const facetNames = [
  'eventType',
  'toolType',
  'severity',
  'organizationId',
  'deviceId',
] as const satisfies FacetName[];
export const groupByParameter = choiceParameter('What the counts of a bucket are split by.', facetNames);
const facetValueSchema = z
  .strictObject({ value: z.string(), label: z.string(), count: z.int() })
  .meta({ id: 'FacetValue' });
const facetsSchema = z.strictObject({
  facets: z.record(z.enum(facetNames), z.array(facetValueSchema)),
  ...completenessShape,
});

interface CountingDeps {
  readonly analytics: Analytics;
  readonly completeness: AskCompleteness;
}

export function createEventRoutes(deps: CountingDeps & { readonly eventLog: EventLog }): RestRoute[] {
  return [listRoute(deps), facetsRoute(deps), eventRoute(deps.eventLog)];
}

function listRoute({ analytics, completeness }: CountingDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/events',
    operationId: 'listEvents',
    summary: 'Events, newest first',
    tag: 'events',
    description: 'A page of events. `data` is null here; the answer of one event has it.',
    query: z.strictObject({
      ...eventFilterShape,
      limit: wholeNumberParameter('Most events of a page.', 1, 1000, 50),
      cursor: cursorParameter.optional(),
      sort: sortParameter,
    }),
    content: { [jsonType]: pageOf(eventSchema).extend(completenessShape) },
    async handle({ principal, query: { limit, cursor, sort, ...filterQuery } }) {
      const filter = toEventFilter(filterQuery);
      return withCompleteness(completeness, principal, async () => {
        const page = await eventPage(analytics, principal, { filter, sort, limit, cursor });
        return { items: page.items, nextCursor: nextCursorOf(page) };
      });
    },
  });
}

function facetsRoute({ analytics, completeness }: CountingDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/events/facets',
    operationId: 'getEventFacets',
    summary: 'Which values the events have, with counts',
    tag: 'events',
    description: 'For each facet its values, most frequent first.',
    query: z.strictObject({
      ...eventFilterShape,
      limit: wholeNumberParameter('Most values of a facet.', 1, 200, 20),
      count: choiceParameter(
        'matching: the matching events. others: of each facet what the other conditions leave, so that one may add a value.',
        ['matching', 'others'],
      )
        .default('matching')
        .meta({ default: 'matching' }),
    }),
    content: { [jsonType]: facetsSchema },
    handle: ({ principal, query: { limit, count, ...filterQuery } }) =>
      withCompleteness(completeness, principal, async () => ({
        facets: await askEventFacets(analytics, principal, {
          filter: toEventFilter(filterQuery),
          limit,
          others: count === 'others',
        }),
      })),
  });
}

function eventRoute(eventLog: EventLog): RestRoute {
  return readRoute({
    query: noParameters,
    path: '/events/{eventId}',
    operationId: 'getEvent',
    summary: 'One event, whole',
    tag: 'events',
    description: 'The event with its `data`, and whether it has its device. Has an ETag.',
    params: z.strictObject({
      eventId: z
        .uuid({ error: () => 'must be an event id, a UUID such as eventId in the list of events' })
        .transform((id) => id.toLowerCase())
        .meta({ description: 'The event.' }),
    }),
    content: { [jsonType]: wholeEventSchema },
    async handle({ principal, params: { eventId }, request, reply }) {
      const event = await eventLog.event(principal, eventId);
      if (event === null) {
        throw new OpenFrameError(
          'NOT_FOUND',
          `No event has the id ${eventId}; it may be older than what is kept.`,
          {
            details: { eventId },
          },
        );
      }
      const body = JSON.stringify({ ...event, deviceCompleteness: deviceCompletenessOf(event) });
      const tag = entityTag(body);
      void reply.header('etag', tag).header('cache-control', 'private, no-cache');
      if (isNotModified(request.headers['if-none-match'], tag)) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(body);
    },
  });
}
