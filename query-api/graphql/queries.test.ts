import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { askGraph, graphData } from '../../tests/query-api/graph-client.ts';
import {
  fullDisk,
  openPopulatedRest,
  populatedEvents,
  type PopulatedRest,
} from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const ours = populatedEvents.filter((event) => event.tenantId === 'acme');
const connectionSchema = z.object({
  totalCount: z.number(),
  edges: z.array(z.object({ cursor: z.string(), node: z.object({ eventId: z.string() }) })),
  pageInfo: z.object({
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
    startCursor: z.string().nullable(),
    endCursor: z.string().nullable(),
  }),
});
const pageQuery = `query Page($after: String, $first: Int!, $sort: SortDirection, $filter: EventFilter) {
  events(first: $first, after: $after, sort: $sort, filter: $filter) {
    totalCount edges { cursor node { eventId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function page(variables: Readonly<Record<string, unknown>>) {
  const data = await graphData(rest.app, pageQuery, { variables });
  return connectionSchema.parse(data['events']);
}

describe('events', () => {
  it('are walked once, in both orders, by the cursor of a page and by that of any edge', async () => {
    for (const sort of ['asc', 'desc']) {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const { edges, pageInfo, totalCount } = await page({ first: 3, after, sort });
        seen.push(...edges.map(({ node }) => node.eventId));
        expect(pageInfo.hasPreviousPage).toBe(after !== null);
        expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
        expect(totalCount).toBe(ours.length);
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      } while (after !== null);
      const expected = ours.toSorted((a, b) => a.eventTime - b.eventTime).map(({ eventId }) => eventId);
      expect(seen).toEqual(sort === 'asc' ? expected : expected.toReversed());
    }
    const { edges } = await page({ first: 5 });
    const afterSecond = await page({ first: 1, after: edges[1]?.cursor });
    expect(afterSecond.edges[0]?.node.eventId).toBe(edges[2]?.node.eventId);
  });

  it('refuse a cursor of another filter, sort, list or tenant', async () => {
    const { edges } = await page({ first: 1 });
    const cursor = edges[0]?.cursor;
    const refused = async (variables: Readonly<Record<string, unknown>>, token?: string) => {
      const { errors } = await askGraph(rest.app, pageQuery, {
        variables: { first: 1, after: cursor, ...variables },
        ...(token === undefined ? {} : { token }),
      });
      return errors?.[0]?.extensions.code;
    };
    expect(await refused({ filter: { severities: ['ERROR'] } })).toBe('CURSOR_INVALID');
    expect(await refused({ sort: 'asc' })).toBe('CURSOR_INVALID');
    expect(await refused({ after: 'bm9uZQ' })).toBe('CURSOR_INVALID');
    expect(await refused({}, 'umbrella.technician')).toBe('CURSOR_INVALID');
    const devices = await askGraph(
      rest.app,
      `{ devices(after: ${JSON.stringify(cursor)}) { nodes { deviceId } } }`,
    );
    expect(devices.errors?.[0]?.extensions.code).toBe('CURSOR_INVALID');
  });

  it('have the same vocabulary, filters and refusals as REST', async () => {
    const { events } = z
      .object({ events: z.object({ nodes: z.array(z.object({ summary: z.string(), data: z.unknown() })) }) })
      .parse(
        await graphData(
          rest.app,
          `{ events(filter: {severities: [ERROR], search: "disk", organizationIds: ["org-1"]}) { nodes { summary data } } }`,
        ),
      );
    expect(events.nodes).toEqual([{ summary: fullDisk.summary, data: fullDisk.data }]);
    const { status, errors } = await askGraph(
      rest.app,
      '{ events(filter: {from: "yesterday", search: ""}) { nodes { eventId } } }',
    );
    expect(status).toBe(200);
    expect(errors?.[0]?.extensions.code).toBe('QUERY_INVALID');
    expect(errors?.[0]?.message).toContain('from');
    expect(errors?.[0]?.message).toContain('search');
  });

  it('answer one event whole, and null for what is not there', async () => {
    const data = await graphData(
      rest.app,
      `query($id: ID!) { found: event(eventId: $id) { data device { deviceId status } } missing: event(eventId: "00000000-0000-5000-8000-ffffffffffff") { summary } }`,
      { variables: { id: fullDisk.eventId.toUpperCase() } },
    );
    expect(data).toEqual({
      found: { data: fullDisk.data, device: { deviceId: 'd2', status: 'OFFLINE' } },
      missing: null,
    });
  });
});

describe('counts and lists', () => {
  it('answer as REST does', async () => {
    const data = await graphData(
      rest.app,
      `{
        session { tenantId role }
        eventFacets { severity { value label count } }
        eventStats(bucket: "1m", groupBy: severity) { total buckets { start count groups { key count } } }
        devices { nodes { deviceId hostname status } }
        device(deviceId: "d1") { hostname inventory }
        deviceFacets { status { value count } platform { value count } }
        metricSeries(name: "system.cpu.utilization", from: "2026-01-31T07:00:00Z", to: "2026-01-31T09:00:00Z", bucket: "1h", agg: max) { deviceId labels points device { hostname } }
        pipelines { name state stages { name dropped { reason count } } }
      }`,
    );
    const stats = z
      .object({ total: z.number(), buckets: z.array(z.unknown()) })
      .parse(await rest.answer('/events/stats?bucket=1m&groupBy=severity'));
    expect(data['eventStats']).toEqual(stats);
    const facets = z
      .object({ facets: z.record(z.string(), z.unknown()) })
      .parse(await rest.answer('/events/facets'));
    expect(data['eventFacets']).toEqual({ severity: facets.facets['severity'] });
    expect(data['session']).toEqual({ tenantId: 'acme', role: 'technician' });
    const devices = await rest.devices('/devices');
    expect(data['devices']).toEqual({
      nodes: devices.items.map(({ deviceId, hostname, status }) => ({ deviceId, hostname, status })),
    });
    expect(data['device']).toMatchObject({ hostname: 'srv-01', inventory: { organizationId: 'org-1' } });
    expect(data['metricSeries']).toEqual([
      {
        deviceId: 'd1',
        labels: { cpu: '0' },
        points: [[Date.UTC(2026, 0, 31, 8), 0.75]],
        device: { hostname: 'srv-01' },
      },
    ]);
    expect(data['pipelines']).toEqual([
      {
        name: 'telemetry',
        state: 'running',
        stages: [{ name: 'dedupe', dropped: [{ reason: 'duplicate', count: 1 }] }],
      },
    ]);
  });

  it('read each device once for all events of a page', async () => {
    const get = rest.stores.devices.get.bind(rest.stores.devices);
    const asked: string[] = [];
    Object.assign(rest.stores.devices, {
      get: (scope: { readonly tenantId: string }, id: string) => {
        asked.push(id);
        return get(scope, id);
      },
    });
    await graphData(rest.app, '{ events { nodes { device { hostname } } } }');
    Object.assign(rest.stores.devices, { get });
    expect(asked.toSorted()).toEqual(['d1', 'd2']);
  });
});
