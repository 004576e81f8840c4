import type { FastifyInstance } from 'fastify';
import { createClient, type Client } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { topics } from '../../contracts/topics.ts';
import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createManualClock, type ManualClock } from '../../streams/clock.ts';
import { enrichedBatch, enrichedEvent, fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';
import { openRestStores, type RestStores } from '../../tests/query-api/rest-stores.ts';
import { heartbeatMs } from '../live/with-heartbeat.ts';

let stack: AsyncDisposableStack;
let clock: ManualClock;
let stores: RestStores;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  clock = createManualClock(fixtureTimeMs);
  stores = stack.use(await openRestStores(clock));
  app = await createRestApp(stores);
  stack.defer(() => app.close());
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(() => stack.disposeAsync());

const append = (...events: Parameters<typeof enrichedBatch>[0]) =>
  stores.log.append(topics.enriched, 0, enrichedBatch(events));
const query =
  'subscription($filter: EventFilter) { eventAdded(filter: $filter) { summary device { deviceId } } }';

/** The text of a stream of server-sent events, read until it holds the part. */
async function openStream(filter: object, token = 'acme.technician', asked = query) {
  const leaving = new AbortController();
  stack.defer(() => leaving.abort());
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: asked, variables: { filter } }),
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    leave: () => leaving.abort(),
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const chunk = await reader?.read();
        if (chunk?.value === undefined) throw new Error(`The stream ended with ${text}`);
        text += chunk.value;
      }
      const read = text;
      text = '';
      return read;
    },
  };
}

describe('a subscription over server-sent events', () => {
  it('gets what matches, of its tenant alone, once it stands', async () => {
    const stream = await openStream({ severities: ['ERROR'] });
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    await stream.until('the stream stands');
    // The tail reads the end of the log when it is first pulled.
    await settled();
    await append(
      enrichedEvent(1, { severity: 'INFO', summary: 'not asked for' }),
      enrichedEvent(2, { severity: 'ERROR', tenantId: 'umbrella', summary: 'secret' }),
      enrichedEvent(3, { severity: 'ERROR', summary: 'asked for' }),
    );
    const text = await stream.until('asked for');
    expect(text).toBe('event: next\ndata: {"data":{"eventAdded":{"summary":"asked for","device":null}}}\n\n');
  });

  it('gives a sign of life, and ends with the server', async () => {
    const stream = await openStream({});
    await stream.until('the stream stands');
    await settled();
    await clock.advance(heartbeatMs);
    await stream.until(': still here');
    await app.close();
    await expect(stream.until('nothing')).rejects.toThrow();
  });

  it('says what its arguments have wrong, as the only message', async () => {
    const stream = await openStream({ search: '' });
    expect(await stream.until('complete')).toContain('"code":"QUERY_INVALID"');
  });

  it('is refused where the caller takes no stream, or has no token', async () => {
    const ask = (headers: Readonly<Record<string, string>>) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
    const authorization = 'Bearer acme.analyst';
    expect((await ask({ authorization, accept: 'application/json' })).status).toBe(400);
    expect((await ask({ accept: 'text/event-stream' })).status).toBe(401);
  });
});

describe('alertChanged', () => {
  const asked =
    'subscription($filter: AlertFilter) { alertChanged(filter: $filter) { alertId status count } }';

  it('tells what came, what changed, and what stopped matching, of its tenant alone', async () => {
    await stores.alerts.save([streamedAlert(1)]);
    const stream = await openStream({ statuses: ['OPEN'] }, 'acme.technician', asked);
    await stream.until('the stream stands');
    await settled();
    await stores.alerts.save([
      streamedAlert(2, { tenantId: 'umbrella' }),
      streamedAlert(3, { count: 7 }),
      streamedAlert(1),
    ]);
    await clock.advance(1_000);
    expect(await stream.until('"a3"')).not.toMatch(/"a1"|"a2"/);
    await stores.alerts.act({ tenantId: 'acme', role: 'admin', tokenId: 't' }, 'a1', {
      action: 'acknowledge',
    });
    await settled();
    await clock.advance(1_000);
    expect(await stream.until('"a1"')).toContain('"status":"ACKNOWLEDGED","count":1');
  });

  it('says what its filter has wrong, as the only message', async () => {
    const stream = await openStream({ minScore: 200 }, 'acme.technician', asked);
    expect(await stream.until('complete')).toContain('"code":"QUERY_INVALID"');
  });
});

/** Resolves when the tail has begun to follow: what is appended from then on is delivered. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function openClient(authorization: string | null): Client {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: authorization === null ? {} : { authorization },
    lazy: true,
  });
  stack.defer(() => client.dispose());
  return client;
}

describe('graphql-transport-ws', () => {
  it('answers queries and streams side by side, of the token’s tenant alone', async () => {
    const client = openClient('Bearer acme.technician');
    const pipelines = client.iterate({ query: 'subscription { pipelineStats(every: "1s") { name } }' });
    expect((await pipelines.next()).value).toEqual({ data: { pipelineStats: [{ name: 'telemetry' }] } });
    const events = client.iterate({ query });
    const first = events.next();
    const session = client.iterate({ query: '{ session { tenantId } }' });
    expect((await session.next()).value).toMatchObject({ data: { session: { tenantId: 'acme' } } });
    await settled();
    await append(
      enrichedEvent(1, { tenantId: 'umbrella', summary: 'secret' }),
      enrichedEvent(2, { summary: 'ours' }),
    );
    expect((await first).value).toEqual({ data: { eventAdded: { summary: 'ours', device: null } } });
    await events.return?.();
    await pipelines.return?.();
  });

  it('refuses what HTTP refuses, with the same codes', async () => {
    const client = openClient('Bearer acme.technician');
    const refusal = async (text: string): Promise<unknown> => {
      try {
        const result = await client.iterate({ query: text }).next();
        return result.value as unknown;
      } catch (error) {
        return error;
      }
    };
    expect(await refusal('{ nothing }')).toMatchObject([{ extensions: { code: 'GRAPHQL_INVALID' } }]);
    const aliases = Array.from({ length: 40 }, (_, i) => `a${i}: pipelines { name }`).join(' ');
    expect(await refusal(`{ ${aliases} }`)).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    expect(await refusal('{ events(first: 0) { nodes { summary } } }')).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_INVALID' } }],
    });
  });

  it('closes on who may not read, and on a page of another site', async () => {
    for (const authorization of ['Bearer nobody', 'Bearer acme.agent', null]) {
      const client = openClient(authorization);
      const asked = client.iterate({ query: '{ session { role } }' }).next();
      await expect(asked).rejects.toMatchObject({ code: 4403 });
    }
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { cookie: 'openframe_session=acme.technician', origin: 'http://elsewhere' },
    });
    const code = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    expect(await code).toBe(4403);
  });

  it('allows so many operations of a connection and no more', async () => {
    const client = openClient('Bearer acme.technician');
    const streams = Array.from({ length: 20 }, () =>
      client.iterate({ query: 'subscription { pipelineStats(every: "1h") { name } }' }),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    const over = client.iterate({ query: '{ session { role } }' }).next();
    await expect(over).rejects.toMatchObject([{ extensions: { code: 'QUOTA_EXCEEDED' } }]);
    await streams[0]?.return?.();
    await settled();
    expect((await client.iterate({ query: '{ session { role } }' }).next()).value).toMatchObject({
      data: { session: { role: 'technician' } },
    });
  });
});
