import { expect } from 'vitest';

import type { StoredEvent } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Analytics, EventFilter, EventPosition, SortDirection } from '../sinks/analytics.ts';
import { createRandom } from '../streams/random.ts';
import { analyticsCountLaws } from './analytics-counts.ts';
import { matching } from './analytics-plain.ts';
import { questionLaws } from './analytics-questions.ts';
import { sqlLaws } from './analytics-sql.ts';
import { backfillLaws } from './backfill.ts';
import { completedCountLaws, completionLaws } from './completion.ts';
import { enrichedBatch, enrichedEvent, randomEvents, startMs } from './enriched-events.ts';
import { type EventSinkSubject, eventSinkLaws, type FindEvent, north, signal, south } from './event-sinks.ts';
import { type Deviations, describeLaws, type Laws } from './laws.ts';

type Subject = EventSinkSubject<Analytics>;

async function* pagesOf(
  store: Analytics,
  scope: TenantScope,
  filter: EventFilter,
  sort: SortDirection,
  limit: number,
): AsyncGenerator<readonly StoredEvent[]> {
  let after: EventPosition | undefined;
  for (;;) {
    const page = await store.events(scope, {
      filter,
      sort,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    after = { eventTimeMs: Date.parse(last.eventTime), eventId: last.eventId };
  }
}

async function allOf(pages: AsyncIterable<readonly StoredEvent[]>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

const ids = (events: readonly { readonly eventId: string }[]): string[] => events.map((e) => e.eventId);

const pagingLaws: Laws<Subject> = {
  'keeps its place while rows are added before and behind it': async ({ store }) => {
    const events = randomEvents(createRandom(5), 200).map((e) => ({ ...e, tenantId: 'north' }));
    const first = events.filter((_, i) => i % 2 === 0);
    const added = events.filter((_, i) => i % 2 === 1);
    await store.write([enrichedBatch(first)], signal);
    const seen: string[] = [];
    for await (const page of pagesOf(store, north, {}, 'desc', 10)) {
      seen.push(...ids(page));
      await store.write([enrichedBatch(added.splice(0, 5))], signal);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids(first)));
  },
  'walks rows of one moment in the order of their ids': async ({ store }) => {
    const events = [5, 3, 9, 1, 7].map((n) => enrichedEvent(n, { eventTime: startMs }));
    await store.write([enrichedBatch(events)], signal);
    const expected = ids(events).sort();
    expect(ids(await allOf(pagesOf(store, north, {}, 'asc', 2)))).toEqual(expected);
    expect(ids(await allOf(pagesOf(store, north, {}, 'desc', 2)))).toEqual(expected.reverse());
  },
  'refuses a position that is none': async ({ store }) => {
    const after = { eventTimeMs: startMs, eventId: "' OR 1=1 --" };
    const request = { filter: {}, sort: 'asc', limit: 10, after } as const;
    await expect(store.events(north, request)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  },
  'exports what paging gives, and ends with the signal': async ({ store }) => {
    const events = Array.from({ length: 12_000 }, (_, n) =>
      enrichedEvent(n, { eventTime: startMs + (n % 700), tenantId: n % 3 === 0 ? 'south' : 'north' }),
    );
    await store.write([enrichedBatch(events)], signal);
    for (const [filter, sort] of [
      [{}, 'asc'],
      [{ toMs: startMs + 300 }, 'desc'],
    ] as const) {
      const exported = ids(await allOf(store.exportEvents(north, filter, sort, signal)));
      expect(exported).toEqual(ids(await allOf(pagesOf(store, north, filter, sort, 4000))));
      expect(exported).toHaveLength(matching(events, north, filter).length);
    }
    const stopping = new AbortController();
    const cut = async (): Promise<void> => {
      for await (const page of store.exportEvents(north, {}, 'asc', stopping.signal)) {
        expect(page.length).toBeGreaterThan(0);
        stopping.abort();
      }
    };
    await expect(cut()).rejects.toThrow();
  },
};

const tenancyLaws: Laws<Subject> = {
  'answers no reader across tenants': async ({ store }) => {
    const sample = (value: number): object => ({ samples: [{ name: 'cpu', value, unit: '1' }] });
    const shared = { deviceId: 'device-1', organizationId: 'org-1', sourceType: 'openframe.metrics' };
    const inNorth = enrichedEvent(1, {
      ...shared,
      hostname: 'host-n',
      organizationName: 'N',
      data: sample(1),
    });
    const inSouth = [1, 2, 3].map((n) =>
      enrichedEvent(n, {
        ...shared,
        tenantId: 'south',
        hostname: 'host-s',
        organizationName: 'S',
        data: sample(9),
      }),
    );
    await store.write([enrichedBatch([inNorth, ...inSouth])], signal);
    const filters: EventFilter[] = [
      {},
      { deviceId: 'device-1' },
      { organizationIds: ['org-1'] },
      { search: 'event' },
    ];
    for (const filter of filters) {
      const page = await store.events(north, { filter, sort: 'asc', limit: 10 });
      expect(page.map((e) => [e.tenantId, e.hostname])).toEqual([['north', 'host-n']]);
      const facets = await store.facets(north, filter, 10);
      expect(facets.deviceId).toEqual([{ value: 'device-1', label: 'host-n', count: 1 }]);
      expect(facets.organizationId).toEqual([{ value: 'org-1', label: 'N', count: 1 }]);
      const stats = { filter, bucketMs: 60_000, groupBy: 'deviceId', top: 5 } as const;
      expect((await store.stats(north, stats)).total).toBe(1);
      expect((await store.stats(south, stats)).total).toBe(3);
      expect(await allOf(store.exportEvents(north, filter, 'asc', signal))).toEqual(page);
    }
    const series = {
      name: 'cpu',
      fromMs: startMs,
      toMs: startMs + 60_000,
      bucketMs: 60_000,
      aggregate: 'max',
    } as const;
    expect((await store.metricSeries(north, series)).map((s) => s.points)).toEqual([[[startMs, 1]]]);
    expect((await store.metricSeries(south, series)).map((s) => s.points)).toEqual([[[startMs, 9]]]);
  },
  'reads every value of a question as text, never as SQL or a pattern': async ({ store }) => {
    await store.write([enrichedBatch([enrichedEvent(1, { deviceId: 'd', organizationId: 'o' })])], signal);
    for (const text of [
      "' OR '1'='1",
      '%',
      '_',
      '*',
      '.*',
      '\\',
      '$1',
      '?',
      '"',
      '(',
      '[a-z]',
      '\u0000',
      '\ud800',
    ]) {
      const filters: EventFilter[] = [
        { deviceId: text },
        { eventTypes: [text] },
        { toolTypes: [text, text] },
        { organizationIds: [text] },
        { search: text },
        { search: `event ${text}` },
      ];
      for (const filter of filters) {
        expect(await store.events(north, { filter, sort: 'asc', limit: 9 }), JSON.stringify(filter)).toEqual(
          [],
        );
      }
      expect(await store.events({ tenantId: text }, { filter: {}, sort: 'asc', limit: 9 })).toEqual([]);
      const series = {
        name: text,
        deviceId: text,
        fromMs: 0,
        toMs: 1e13,
        bucketMs: 1e12,
        aggregate: 'avg',
      } as const;
      expect(await store.metricSeries(north, series)).toEqual([]);
    }
    expect(await store.events(north, { filter: { eventTypes: [] }, sort: 'asc', limit: 9 })).toEqual([]);
  },
};

const searchLaws: Laws<Subject> = {
  'finds events by the beginnings of their words, in any case and order': async ({ store }) => {
    const texts = {
      summary: 'Disk /dev/sda1 is 100% full: a_b (x) back\\slash',
      hostname: 'PC-Größe.example.org',
      organizationName: "O'Neil & Söhne 日本",
    };
    await store.write(
      [enrichedBatch([enrichedEvent(1, texts), enrichedEvent(2, { summary: 'other' })])],
      signal,
    );
    const count = async (search: string): Promise<number> =>
      (await store.events(north, { filter: { search }, sort: 'asc', limit: 9 })).length;
    const found = [
      'disk',
      'DIS',
      'sda1',
      'dev/sda',
      '100%',
      'full disk',
      'größe',
      'GRÖ',
      'exam pc-',
      'neil',
      "o'ne",
      'SÖHNE 日',
      'b (x)',
      'back\\s',
      'slash',
      'a_b',
      '  disk\t full ',
    ];
    for (const search of found) expect(await count(search), search).toBe(1);
    const missed = [
      'isk',
      'd%k',
      'd_sk',
      'd.sk',
      'sd[a]1',
      'disk other',
      '00%',
      'röße',
      '本',
      'full|other',
      'diskk',
      '^disk',
    ];
    for (const search of missed) expect(await count(search), search).toBe(0);
    expect(await count('')).toBe(2);
    expect(await count('   ')).toBe(2);
  },
  'refuses a search that is too long to be one': async ({ store }) => {
    const request = { filter: { search: 'x'.repeat(100_000) }, sort: 'asc', limit: 9 } as const;
    await expect(store.events(north, request)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
  },
};

const find: FindEvent<Analytics> = async (store, scope, id) => {
  for await (const page of pagesOf(store, scope, {}, 'asc', 5000)) {
    const found = page.find((event) => event.eventId === id);
    if (found !== undefined) return found;
  }
  return null;
};

const laws: Laws<Subject> = {
  ...eventSinkLaws(find),
  ...backfillLaws(find),
  ...completionLaws(find),
  ...completedCountLaws,
  ...pagingLaws,
  ...tenancyLaws,
  ...searchLaws,
  ...analyticsCountLaws,
  ...questionLaws,
  ...sqlLaws,
};

/** The conformance suite of analytics: `create` gives fresh storage for each law. */
export function describeAnalytics(
  name: string,
  options: { readonly create: () => Promise<Subject>; readonly deviations?: Deviations },
): void {
  describeLaws(`analytics on ${name}`, laws, options);
}
