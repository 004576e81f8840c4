import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, EventPageRequest, EventStatsRequest } from '../../sinks/analytics.ts';
import { createRandom } from '../../streams/random.ts';
import { eventIdOf, scope } from './stored-events.ts';

/** What the questions are asked of: a store, or the query API. Nobody looks at the answers. */
export interface Asked {
  stats(scope: TenantScope, request: EventStatsRequest): Promise<unknown>;
  facets(scope: TenantScope, filter: EventFilter, limit: number): Promise<unknown>;
  events(scope: TenantScope, request: EventPageRequest): Promise<unknown>;
  event(scope: TenantScope, eventId: string): Promise<unknown>;
}

export interface Question {
  readonly name: string;
  /** What its p99 shall be under, in milliseconds; none for what no bar was set for. */
  readonly barMs?: number;
  ask(asked: Asked, nowMs: number): Promise<unknown>;
}

const random = createRandom(11);
const hourMs = 3_600_000;
const overviewMs = 150;
const exploreMs = 300;
const readMs = 20;
const last = (nowMs: number, spanMs: number): EventFilter => ({ fromMs: nowMs - spanMs, toMs: nowMs });

/** What Overview and Explore ask of analytics. */
export function analyticsQuestions(): readonly Question[] {
  return [...ofOverview, ...ofExplore];
}

/** What Overview, Explore and an event's own page ask. `stored` is how many events were stored, by number. */
export function questionsOver(stored: number): readonly Question[] {
  return [...analyticsQuestions(), ...readsOf(stored)];
}

const ofOverview: readonly Question[] = [
  {
    name: 'overview: events a second of 5 min by severity',
    barMs: overviewMs,
    ask: (asked, nowMs) =>
      asked.stats(scope, { filter: last(nowMs, 300_000), bucketMs: 5_000, groupBy: 'severity', top: 5 }),
  },
  {
    name: 'overview: the rate of the last 30 s',
    barMs: overviewMs,
    ask: (asked, nowMs) => asked.stats(scope, { filter: last(nowMs, 30_000), bucketMs: 5_000, top: 1 }),
  },
  {
    name: 'overview: errors of the last hour',
    barMs: overviewMs,
    ask: (asked, nowMs) => {
      const filter: EventFilter = { ...last(nowMs, hourMs), severities: ['ERROR', 'CRITICAL'] };
      return asked.stats(scope, { filter, bucketMs: 60_000, top: 1 });
    },
  },
  {
    name: 'overview: the newest 50 events',
    barMs: overviewMs,
    ask: (asked) => asked.events(scope, { filter: {}, limit: 50, sort: 'desc' }),
  },
];

const ofExplore: readonly Question[] = [
  {
    name: 'explore: facets of the last hour',
    barMs: exploreMs,
    ask: (asked, nowMs) => asked.facets(scope, last(nowMs, hourMs), 12),
  },
  {
    name: 'explore: facets of the last 24 hours',
    barMs: exploreMs,
    ask: (asked, nowMs) => asked.facets(scope, last(nowMs, 24 * hourMs), 12),
  },
  {
    name: 'explore: facets of all that is kept',
    barMs: exploreMs,
    ask: (asked) => asked.facets(scope, {}, 12),
  },
  {
    name: 'explore: facets of errors of all that is kept',
    barMs: exploreMs,
    ask: (asked) => asked.facets(scope, { severities: ['ERROR', 'CRITICAL'] }, 12),
  },
  {
    name: 'explore: 24 h by severity',
    ask: (asked, nowMs) =>
      asked.stats(scope, {
        filter: last(nowMs, 24 * hourMs),
        bucketMs: 900_000,
        groupBy: 'severity',
        top: 6,
      }),
  },
];

/** What an event's own page asks of the event log. */
export function readsOf(stored: number): readonly Question[] {
  return [
    {
      name: 'one event by its id',
      barMs: readMs,
      ask: (asked) => asked.event(scope, eventIdOf(random.below(stored))),
    },
    {
      name: 'an event that is not there',
      barMs: readMs,
      ask: (asked) => asked.event(scope, eventIdOf(-1 - random.below(stored))),
    },
  ];
}
