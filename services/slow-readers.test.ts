import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WebSocket } from 'ws';

import { registerWebSockets } from '../agent-gateway/event-stream.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { cutSlowReaders } from './slow-readers.ts';

const secondMs = 1_000;
const piece = 'x'.repeat(64 * 1024);

let app: FastifyInstance;
let clock: ManualClock;
let registry: Registry;
let ended: PromiseWithResolvers<void>;
let given: number;
let port: number;

beforeEach(async () => {
  clock = createManualClock();
  registry = new Registry();
  ended = Promise.withResolvers();
  given = 0;
  app = fastify({ logger: false, forceCloseConnections: true });
  cutSlowReaders(app, { clock, registry });
  await registerWebSockets(app);
  app.get('/socket', { websocket: true }, sendEndlessly);
  app.get('/endless', (_request, reply) => reply.send(Readable.from(endless())));
  app.get('/silent', (_request, reply) => reply.send(Readable.from(silent())));
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});

afterEach(() => app.close());

async function* endless(): AsyncGenerator<string> {
  try {
    for (;;) {
      given++;
      yield await Promise.resolve(piece);
    }
  } finally {
    ended.resolve();
  }
}

async function* silent(): AsyncGenerator<string> {
  yield 'hello';
  await ended.promise;
}

/** Sends one message after the other, each when the one before has left, until the connection is gone. */
function sendEndlessly(socket: WebSocket): void {
  socket.once('close', () => ended.resolve());
  const send = (): void => {
    given++;
    socket.send(piece, (error) => {
      if (error === undefined || error === null) setImmediate(send);
    });
  };
  send();
}

/** A reader that reads nothing of what it asked for, once its connection takes no more. */
async function stalledReader(path: string, headers: readonly string[] = []): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write([`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n'));
  for (let before = -1; given !== before || given === 0; await tick()) before = given;
  return socket;
}

/** The kernel's buffers fill in steps of the event loop, some of which bring nothing. */
async function tick(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function cuts(): Promise<number> {
  const metric = await registry.getSingleMetric('openframe_slow_readers_cut_total')?.get();
  return metric?.values[0]?.value ?? 0;
}

/** Opens a WebSocket (RFC 6455). */
const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

it.each([
  ['an answer', '/endless', []],
  ['a WebSocket', '/socket', handshake],
])(
  'cuts a reader that reads nothing of %s, lets go what was read for it, and tells of it',
  async (_what, path, headers) => {
    const socket = await stalledReader(path, headers);
    const before = given;
    await clock.advance(20 * secondMs);
    expect(await cuts()).toBe(0);
    await clock.advance(600 * secondMs);
    await ended.promise;
    expect(await cuts()).toBe(1);
    // The kernel may have taken a little more meanwhile.
    expect(given - before).toBeLessThan(10);
    socket.resume();
    await once(socket, 'close');
  },
);

it('keeps a reader that reads, and one that is owed nothing, however long they stay', async () => {
  const reading = await fetch(`http://127.0.0.1:${port}/endless`);
  const silence = await fetch(`http://127.0.0.1:${port}/silent`);
  const body = reading.body?.getReader();
  for (let second = 0; second < 200; second += 10) {
    // More than the least that a reader must take, as the server sees it: the kernel's buffers empty in leaps.
    for (const before = given; given < before + 2;) await body?.read();
    await clock.advance(10 * secondMs);
  }
  expect(await cuts()).toBe(0);
  ended.resolve();
  expect(await silence.text()).toBe('hello');
  await body?.cancel();
});
