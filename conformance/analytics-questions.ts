import { expect } from 'vitest';

import { type EnrichedEvent, toStoredEvent } from '../contracts/enriched.ts';
import type { StoredEvent } from '../contracts/event.ts';
import type { Analytics, EventFilter, EventPosition, FacetName, SortDirection } from '../sinks/analytics.ts';
import { createRandom, type Random } from '../streams/random.ts';
import { byIdentity } from './analytics-counts.ts';
import { countBy, matching, plainSeries, plainStats } from './analytics-plain.ts';
import { enrichedBatch, enrichedEvent, startMs } from './enriched-events.ts';
import { type EventSinkSubject, north, signal, south } from './event-sinks.ts';
import type { Laws } from './laws.ts';
import {
  facetNames,
  lateDevices,
  questionEvents,
  randomFilter,
  randomSeriesRequest,
  randomStatsRequest,
} from './questions.ts';

const eventCount = 400;
/** Of each kind. */
const questions = 100;

/** Several hundred questions from fixed seeds, each answer held against a plain computation over the same events. */
export const questionLaws: Laws<EventSinkSubject<Analytics>> = {
  'pages and exports as a plain computation does, for a hundred questions': async ({ store }) => {
    const { random, events } = await storeEvents(store, 31);
    await ask(random, async (scope, about) => {
      const filter = randomFilter(random, events);
      const sort = random.below(2) === 0 ? 'asc' : 'desc';
      const plain = matching(events, scope, filter).map((event) => ({ ...toStoredEvent(event), data: null }));
      const expected = sort === 'asc' ? plain : plain.reverse();
      const asked = about({ filter, sort });
      expect(await walk(store, scope, filter, sort, 15 + random.below(200)), asked).toEqual(expected);
      const exported: StoredEvent[] = [];
      for await (const page of store.exportEvents(scope, filter, sort, signal)) exported.push(...page);
      expect(exported, asked).toEqual(expected);
    });
  },
  'counts facets as a plain computation does, for a hundred questions': async ({ store }) => {
    const { random, events } = await storeEvents(store, 32);
    await ask(random, async (scope, about) => {
      const filter = randomFilter(random, events);
      const limit = 1 + random.below(9);
      const expected = matching(events, scope, filter);
      const facets = await store.facets(scope, filter, limit);
      for (const name of facetNames) {
        const found = facets[name].map(({ value, count }) => ({ key: value, count }));
        expect(found, about({ name, filter, limit })).toEqual(countBy(expected, name).slice(0, limit));
        for (const { value, label } of facets[name]) {
          expect(newestLabels(expected, name, value), about({ name, value, filter })).toContain(label);
        }
      }
    });
  },
  'counts by time and group as a plain computation does, for a hundred questions': async ({ store }) => {
    const { random, events } = await storeEvents(store, 33);
    await ask(random, async (scope, about) => {
      const request = randomStatsRequest(random, events);
      expect(await store.stats(scope, request), about(request)).toEqual(plainStats(events, scope, request));
    });
  },
  'gives metric series as a plain computation does, for a hundred questions': async ({ store }) => {
    const { random, events } = await storeEvents(store, 34);
    await ask(random, async (scope, about) => {
      const request = randomSeriesRequest(random);
      const found = byIdentity(await store.metricSeries(scope, request));
      expect(found, about(request)).toEqual(byIdentity(plainSeries(events, scope, request)));
    });
  },
};

/** Asks for the north, at times for the south. `about` says which question failed. */
async function ask(
  random: Random,
  question: (scope: typeof north, about: (asked: object) => string) => Promise<void>,
): Promise<void> {
  for (let number = 0; number < questions; number++) {
    const scope = random.below(5) === 0 ? south : north;
    await question(scope, (asked) => `question ${number} of ${scope.tenantId}: ${JSON.stringify(asked)}`);
  }
}

/** Writes the events of a seed, then what makes some devices known; gives the events as they are then. */
async function storeEvents(
  store: Analytics,
  seed: number,
): Promise<{ readonly random: Random; readonly events: readonly EnrichedEvent[] }> {
  const random = createRandom(seed);
  const events = questionEvents(random, eventCount);
  await store.write([enrichedBatch(events)], signal);
  const news = lateDevices.map((device, i) =>
    enrichedEvent(eventCount + i, { ...device, eventTime: startMs + 10_000_000 + i }),
  );
  await store.write([enrichedBatch(news, { backfill: true })], signal);
  return { random, events: [...events.map(completed), ...news] };
}

function completed(event: EnrichedEvent): EnrichedEvent {
  const device =
    event.tenantId === 'north' ? lateDevices.find((d) => d.deviceId === event.deviceId) : undefined;
  return device === undefined
    ? event
    : { ...event, ...device, hostname: event.hostname ?? device.hostname ?? '' };
}

/** What may be a value's name: that of its newest event that has one; events of one moment are equally new. */
function newestLabels(
  events: readonly EnrichedEvent[],
  facet: FacetName,
  value: string,
): readonly (string | undefined)[] {
  const labelled = { organizationId: 'organizationName', deviceId: 'hostname' } as const;
  if (facet !== 'organizationId' && facet !== 'deviceId') return [value];
  const named = events.filter((e) => e[facet] === value && e[labelled[facet]] !== undefined);
  const newestMs = Math.max(...named.map((e) => e.eventTime));
  if (named.length === 0) return [value];
  return named.filter((e) => e.eventTime === newestMs).map((e) => e[labelled[facet]]);
}

async function walk(
  store: Analytics,
  scope: typeof north,
  filter: EventFilter,
  sort: SortDirection,
  limit: number,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  let after: EventPosition | undefined;
  for (;;) {
    const page = await store.events(scope, {
      filter,
      sort,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    events.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return events;
    after = { eventTimeMs: Date.parse(last.eventTime), eventId: last.eventId };
  }
}
