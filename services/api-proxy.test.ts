import { fastify, type FastifyInstance } from 'fastify';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { registerWebSockets } from '../agent-gateway/event-stream.ts';
import { topics } from '../contracts/topics.ts';
import { createManualClock } from '../streams/clock.ts';
import { enrichedBatch, enrichedEvent, fixtureTimeMs } from '../tests/query-api/enriched-events.ts';
import { createRestApp } from '../tests/query-api/rest-app.ts';
import { openRestStores, type RestStores } from '../tests/query-api/rest-stores.ts';
import { registerApiProxy } from './api-proxy.ts';

let stack: AsyncDisposableStack;
let stores: RestStores;
let query: FastifyInstance;
let url: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  stores = stack.use(await openRestStores(createManualClock(fixtureTimeMs)));
  query = await createRestApp(stores);
  stack.defer(() => query.close());
  const gateway = fastify({ forceCloseConnections: true });
  await registerWebSockets(gateway);
  stack.use(registerApiProxy(gateway, await query.listen({ host: '127.0.0.1', port: 0 })));
  stack.defer(() => gateway.close());
  url = `${(await gateway.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws')}/graphql`;
});

afterEach(() => stack.disposeAsync());

const open = (authorization: string) => {
  const connectionParams = { authorization };
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
  stack.defer(() => client.dispose());
  return client;
};

/** The code with which a connection is closed. */
const closeCode = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.on('close', (code: number) => resolve(code)));

describe('the gateway, before the role query', () => {
  it('passes subscriptions over WebSocket on, both ways', async () => {
    const client = open('Bearer acme.technician');
    const asked = client.iterate({ query: '{ session { tenantId } }' });
    expect((await asked.next()).value).toMatchObject({ data: { session: { tenantId: 'acme' } } });
    const events = client.iterate({ query: 'subscription { eventAdded { summary } }' });
    const first = events.next();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await stores.log.append(
      topics.enriched,
      0,
      enrichedBatch([enrichedEvent(1, { summary: 'x'.repeat(50_000) })]),
    );
    expect((await first).value).toMatchObject({ data: { eventAdded: { summary: 'x'.repeat(50_000) } } });
    await events.return?.();
  });

  it('hands on with which code a connection is closed', async () => {
    const asked = open('Bearer nobody').iterate({ query: '{ session { role } }' }).next();
    await expect(asked).rejects.toMatchObject({ code: 4403 });
    const headers = { cookie: 'openframe_session=acme.technician', origin: 'http://elsewhere' };
    const foreign = new WebSocket(url, 'graphql-transport-ws', { headers });
    foreign.on('open', () => foreign.send('{"type":"connection_init"}'));
    expect(await closeCode(foreign)).toBe(4403);
  });

  it('takes a page of its own address for one of the same site', async () => {
    const { host, origin } = new URL(url.replace('ws', 'http'));
    const headers = { cookie: 'openframe_session=acme.technician', origin, host };
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    const answer = await new Promise<string>((resolve) =>
      socket.on('message', (data: Buffer) => resolve(data.toString())),
    );
    expect(JSON.parse(answer)).toMatchObject({ type: 'connection_ack' });
    socket.terminate();
  });

  it('says that the queries are away', async () => {
    await query.close();
    const socket = new WebSocket(url, 'graphql-transport-ws');
    expect(await closeCode(socket)).toBe(1013);
  });
});
