import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { StoredEvent } from '../../contracts/event.ts';
import { toStoredEvent } from '../../contracts/enriched.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import { createManualClock } from '../../streams/clock.ts';
import { enrichedEvent, eventIdOf, fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';
import { openRestStores, type RestStores } from '../../tests/query-api/rest-stores.ts';

const secondMs = 1000;
const eventCount = 12_000;
const authorization = 'Bearer acme.admin';
const stack = new AsyncDisposableStack();
let stores: RestStores;
let app: FastifyInstance;

beforeAll(async () => {
  stores = stack.use(await openRestStores(createManualClock(fixtureTimeMs)));
  await stores.store(
    Array.from({ length: eventCount }, (_, i) =>
      enrichedEvent(i, { eventTime: fixtureTimeMs + i * secondMs }),
    ),
  );
  app = await createRestApp(stores);
  stack.defer(() => app.close());
});

afterAll(() => stack.disposeAsync());

function ask(query: string, headers: Record<string, string> = {}) {
  return app.inject({ url: `/api/v1/events/export${query}`, headers: { authorization, ...headers } });
}

const idSchema = z.object({ eventId: z.string() });

function idsOfLines(body: string): string[] {
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => idSchema.parse(JSON.parse(line)).eventId);
}

/** Analytics whose export has no end and says how far it was pulled and whether it was let go. */
function endless(): Analytics & { readonly pulled: () => number; readonly letGo: Promise<void> } {
  const page: readonly StoredEvent[] = Array.from({ length: 1000 }, (_, i) =>
    toStoredEvent(enrichedEvent(i)),
  );
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  let pulled = 0;
  async function* pages(): AsyncGenerator<readonly StoredEvent[]> {
    try {
      for (;;) {
        pulled++;
        yield await Promise.resolve(page);
      }
    } finally {
      resolve();
    }
  }
  return { ...stores.analytics, exportEvents: pages, pulled: () => pulled, letGo };
}

/** An export over a real socket, of which nothing is read yet. */
async function openExport(
  analytics: Analytics,
): Promise<{ response: IncomingMessage; close: () => Promise<void> }> {
  const server = await createRestApp({ ...stores, analytics });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const request = httpGet(`${url}/api/v1/events/export?format=csv`, { headers: { authorization } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return { response, close: () => server.close() };
}

describe('an export', () => {
  it('has every event once, in order, beyond any page', async () => {
    const response = await ask('?format=ndjson&sort=asc');
    expect(response.headers['content-type']).toContain('application/x-ndjson');
    expect(response.headers['content-disposition']).toBe('attachment; filename="events.ndjson"');
    expect(idsOfLines(response.body)).toEqual(Array.from({ length: eventCount }, (_, i) => eventIdOf(i)));
  });

  it('has what the filter asks for', async () => {
    const response = await ask('?format=ndjson&search=17&sort=asc');
    expect(idsOfLines(response.body)[0]).toBe(eventIdOf(17));
    expect(idsOfLines(response.body).length).toBeLessThan(eventCount / 10);
  });

  it('is CSV where it is asked for, by parameter or by header', async () => {
    for (const response of [await ask('?format=csv'), await ask('', { accept: 'text/csv' })]) {
      expect(response.headers['content-type']).toContain('text/csv');
      expect(response.headers['content-disposition']).toBe('attachment; filename="events.csv"');
      expect(response.body.split('\r\n')).toHaveLength(eventCount + 2);
      expect(response.body.startsWith('eventId,tenantId,eventTime,')).toBe(true);
    }
  });

  it('is NDJSON for who takes anything', async () => {
    for (const accept of ['*/*', 'text/html,*/*;q=0.8']) {
      expect((await ask('?search=nothing', { accept })).headers['content-type']).toContain('ndjson');
    }
  });

  it('of nothing is a header alone, or nothing', async () => {
    expect((await ask('?search=nothing&format=csv')).body.split('\r\n')).toHaveLength(2);
    expect((await ask('?search=nothing&format=ndjson')).body).toBe('');
  });

  it('pulls no further than a reader that does not read lets it', async () => {
    const analytics = endless();
    const { response, close } = await openExport(analytics);
    let before = -1;
    while (before !== analytics.pulled()) {
      before = analytics.pulled();
      for (let turns = 0; turns < 500; turns++) await setImmediate();
    }
    expect(before).toBeLessThan(200);
    response.resume();
    await once(response, 'data');
    while (analytics.pulled() <= before) await once(response, 'data');
    response.destroy();
    await analytics.letGo;
    await close();
  });

  it('lets the store go when the reader goes away', async () => {
    const analytics = endless();
    const { response, close } = await openExport(analytics);
    response.destroy();
    await analytics.letGo;
    await close();
  });

  it('ends when the server closes', async () => {
    const analytics = endless();
    const { close } = await openExport(analytics);
    await close();
    await analytics.letGo;
  });

  it('that fails at once is a problem, and one that fails later is cut off', async () => {
    async function* failing(pages: number): AsyncGenerator<readonly StoredEvent[]> {
      for (let i = 0; i < pages; i++) yield [toStoredEvent(enrichedEvent(i))];
      await Promise.resolve();
      throw new Error('the disk is gone');
    }
    const atOnce = await createRestApp({
      ...stores,
      analytics: { ...stores.analytics, exportEvents: () => failing(0) },
    });
    const refused = await atOnce.inject({ url: '/api/v1/events/export', headers: { authorization } });
    expect(refused.statusCode).toBe(500);
    expect(refused.json()).toMatchObject({ code: 'INTERNAL' });
    await atOnce.close();
    const { response, close } = await openExport({ ...stores.analytics, exportEvents: () => failing(2) });
    response.resume();
    await new Promise((resolve) => response.once('close', resolve));
    expect(response.complete).toBe(false);
    await close();
  });
});

describe('counts over time', () => {
  it('of more buckets than are answered are refused, with a width that would do', async () => {
    const counts = (query: string) =>
      app.inject({ url: `/api/v1/events/stats?${query}`, headers: { authorization } });
    const refused = await counts('bucket=1s');
    expect(refused.statusCode).toBe(400);
    const { detail, details } = z
      .object({ detail: z.string(), details: z.object({ field: z.string() }) })
      .parse(refused.json());
    expect(details.field).toBe('bucket');
    expect(detail).toContain('use 5s,');
    expect((await counts('bucket=5s')).json()).toMatchObject({ total: eventCount });
    expect((await counts('')).json()).toMatchObject({ total: eventCount });
  });
});
