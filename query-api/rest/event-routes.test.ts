import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { storedEventSchema } from '../../contracts/event.ts';
import { enrichedEvent, eventIdOf } from '../../tests/query-api/enriched-events.ts';
import { graphData } from '../../tests/query-api/graph-client.ts';
import {
  fullDisk,
  openPopulatedRest,
  populatedEvents,
  type PopulatedRest,
} from '../../tests/query-api/populated-rest.ts';

const facetsAnswer = z.object({
  facets: z.record(z.string(), z.array(z.object({ value: z.string(), count: z.number() }))),
});
let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});

afterAll(() => rest[Symbol.asyncDispose]());

async function summariesOf(path: string): Promise<string[]> {
  return (await rest.events(path)).items.map((event) => event.summary);
}

describe('the list of events', () => {
  it('is newest first, or oldest first where asked', async () => {
    const newest = await summariesOf('/events?severities=INFO');
    expect(newest).toEqual(['event 6', 'event 5', 'event 4', 'event 3', 'event 2', 'event 1']);
    expect(await summariesOf('/events?severities=INFO&sort=asc')).toEqual(newest.toReversed());
  });

  it('gives every event once over its pages, whatever their size', async () => {
    for (const limit of [1, 2, 3, 9]) {
      const found: string[] = [];
      let cursor: string | null = '';
      for (let pages = 0; cursor !== null; pages++) {
        expect(pages).toBeLessThan(12);
        const page = await rest.events(`/events?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items.map((event) => event.eventId));
        cursor = page.nextCursor;
      }
      const mine = populatedEvents.filter((event) => event.tenantId === 'acme').map((event) => event.eventId);
      expect(found.toSorted()).toEqual([...new Set(mine)].toSorted());
    }
  });

  it.each([
    ['severities=ERROR', 1],
    ['severities=ERROR,INFO', 7],
    ['severities=ERROR&severities=INFO', 7],
    ['eventTypes=DISK_FULL', 1],
    ['toolTypes=OTLP', 0],
    ['toolTypes=OPENFRAME&severities=ERROR', 1],
    ['organizationIds=org-1', 1],
    ['deviceId=d2', 1],
    ['search=sda1%20disk', 1],
    ['search=SRV-02', 1],
    ['search=first', 1],
    ["search=full'%3B", 1],
    [`from=2026-01-31T08:00:00.007Z&to=2026-01-31T08:00:00.008Z`, 1],
    [`from=2026-01-31T09:00:00.007%2B01:00&to=2026-01-31T08:00:00.008Z`, 1],
  ])('is filtered by %s', async (query, count) => {
    expect((await rest.events(`/events?${query}`)).items).toHaveLength(count);
  });

  it.each([
    "'; DROP TABLE events; --",
    '%',
    '_',
    '\u0000',
    '\\',
    '(((',
    '[a-',
    '<script>',
    '🙈',
    'a"b',
    '*'.repeat(256),
  ])('takes the search %j as text', async (search) => {
    expect((await rest.get(`/events?search=${encodeURIComponent(search)}`)).statusCode).toBe(200);
    expect((await rest.events('/events')).items.length).toBeGreaterThan(0);
  });
});

describe('one event', () => {
  it('is answered whole', async () => {
    const response = await rest.get(`/events/${eventIdOf(7)}`);
    expect(storedEventSchema.parse(response.json())).toMatchObject({
      eventId: eventIdOf(7),
      summary: fullDisk.summary,
      data: { mount: '/', labels: ['a'] },
      eventTime: '2026-01-31T08:00:00.007Z',
      userId: null,
    });
    expect(response.json()).toMatchObject({ deviceCompleteness: 'complete' });
  });

  it('is not sent again to who has it', async () => {
    const { etag } = (await rest.get(`/events/${eventIdOf(7)}`)).headers;
    const again = await rest.get(`/events/${eventIdOf(7)}`, 'acme.technician', {
      'if-none-match': `"other", W/${etag}`,
    });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    expect(
      (await rest.get(`/events/${eventIdOf(1)}`, 'acme.technician', { 'if-none-match': etag ?? '' }))
        .statusCode,
    ).toBe(200);
  });

  it('that is not there is a problem', async () => {
    expect(await rest.problem(`/events/${eventIdOf(1000)}`)).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
    expect(await rest.problem('/events/abc')).toMatchObject({ status: 400, details: { field: 'eventId' } });
  });
});

describe('counts', () => {
  it('name the values of each facet, most frequent first', async () => {
    const { facets } = z
      .object({
        facets: z.record(
          z.string(),
          z.array(z.object({ value: z.string(), label: z.string(), count: z.number() })),
        ),
      })
      .parse(await rest.answer('/events/facets'));
    expect(facets['severity']?.map(({ value, count }) => [value, count])).toEqual([
      ['INFO', 6],
      ['DEBUG', 3],
      ['ERROR', 1],
    ]);
    expect(facets['organizationId']).toEqual([{ value: 'org-1', label: 'First', count: 1 }]);
    expect(facets['deviceId']?.map(({ value }) => value)).toEqual(['d1', 'd2']);
    expect(await rest.answer('/events/facets?limit=1&severities=ERROR')).toMatchObject({
      facets: { severity: [{ value: 'ERROR' }], eventType: [{ value: 'DISK_FULL' }] },
    });
  });

  it('of each facet may leave its own condition out, in REST and in GraphQL', async () => {
    const path = '/events/facets?severities=ERROR&organizationIds=org-1';
    const { facets } = facetsAnswer.parse(await rest.answer(`${path}&count=others`));
    expect(facets['severity']?.map(({ value }) => value)).toEqual(['ERROR']);
    const wider = facetsAnswer.parse(await rest.answer('/events/facets?severities=ERROR&count=others'));
    expect(wider.facets['severity']?.map(({ value }) => value)).toEqual(['INFO', 'DEBUG', 'ERROR']);
    expect(wider.facets['eventType']?.map(({ value }) => value)).toEqual(['DISK_FULL']);
    const query = '{ eventFacets(filter: { severities: [ERROR] }, others: true) { severity { value } } }';
    expect(await graphData(rest.app, query)).toEqual({
      eventFacets: { severity: [{ value: 'INFO' }, { value: 'DEBUG' }, { value: 'ERROR' }] },
    });
  });

  it('find a value that holds a comma, in REST and in GraphQL', async () => {
    const odd = enrichedEvent(500, { tenantId: 'commas', organizationId: 'a,b', eventType: 'X,Y' });
    await rest.stores.store([odd, enrichedEvent(501, { tenantId: 'commas', organizationId: 'a' })]);
    const path = '/events?organizationIds=a%5C%2Cb&eventTypes=X%5C%2CY,Z';
    expect((await rest.events(path, 'commas.admin')).items.map(({ eventId }) => eventId)).toEqual([
      odd.eventId,
    ]);
    const query = '{ events(filter: { organizationIds: ["a,b"] }) { nodes { eventId } } }';
    expect(await graphData(rest.app, query, { token: 'commas.admin' })).toEqual({
      events: { nodes: [{ eventId: odd.eventId }] },
    });
  });

  it('over time cover all that is kept where no time is given', async () => {
    expect(await rest.answer('/events/stats?bucket=1m&groupBy=severity&top=2')).toMatchObject({
      total: 10,
      buckets: [
        {
          start: '2026-01-31T08:00:00.000Z',
          count: 8,
          groups: [
            { key: 'INFO', count: 6 },
            { key: 'DEBUG', count: 1 },
          ],
        },
        { start: '2026-01-31T08:01:00.000Z', count: 1, groups: [{ key: 'DEBUG', count: 1 }] },
        { start: '2026-01-31T08:02:00.000Z', count: 1, groups: [{ key: 'DEBUG', count: 1 }] },
      ],
    });
  });

  it('over time choose their width where none is given', async () => {
    const stats = z.object({ total: z.number(), buckets: z.array(z.unknown()) });
    expect(stats.parse(await rest.answer('/events/stats'))).toMatchObject({ total: 10 });
    expect(stats.parse(await rest.answer('/events/stats?search=nothing'))).toEqual({ total: 0, buckets: [] });
  });

  it('refuse too many points, and name a width that would do', async () => {
    const path = '/metrics/series?name=x&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&bucket=';
    const refused = await rest.problem(`${path}1m`);
    expect(refused).toMatchObject({ status: 400, code: 'QUERY_INVALID', details: { field: 'bucket' } });
    const suggestion = /use (\w+),/.exec(refused.detail)?.[1];
    expect((await rest.get(path + suggestion)).statusCode).toBe(200);
  });
});
