import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { agentEventTypes } from '../contracts/event.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { parseRetryAfter } from '../contracts/retry-after.ts';
import { createEventFactory, type EventFactory } from './event-factory.ts';
import { createSender, type Sender } from './sender.ts';
import { openSpool, type Spool } from './spool.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly url: string | undefined;
  readonly bodies: string[];
}
type Answer = (response: ServerResponse, received: Received) => void;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (response) => response.writeHead(status, headers).end(JSON.stringify(body));
};
const takeAll: Answer = (response, { bodies }) =>
  json(202, { accepted: bodies.length, rejected: [] })(response, { bodies, headers: {}, url: '' });

const sentSchema = z.object({ id: z.string(), data: z.unknown() });
const idOf = (body: string): string => sentSchema.parse(JSON.parse(body)).id;

let folder: string;
let server: Server;
let script: Answer[];
let requests: Received[];
let clock: ManualClock;
let spool: Spool;
let events: EventFactory;
let sender: Sender;
let told: string[];
const never = new AbortController().signal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-sender-'));
  script = [];
  requests = [];
  told = [];
  server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  clock = createManualClock(Date.parse('2026-11-22T00:00:00Z'));
  spool = openSpool(join(folder, 'spool.sqlite'), 50_000);
  events = createEventFactory('device-1', 'run');
  const note = (_: unknown, message: string): void => void told.push(message);
  sender = createSender({
    serverUrl: `http://127.0.0.1:${port}`,
    token: 'secret',
    spool,
    clock,
    random: createRandom(7),
    fetch,
    idleMs: 1000,
    logger: { info: note, warn: note },
    onDropsToReport: () => spool.reportDrops(events.create(agentEventTypes.log, 'drops', clock.nowMs())),
  });
});

afterEach(async () => {
  spool[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const received = { headers: request.headers, url: request.url, bodies: text.trimEnd().split('\n') };
  requests.push(received);
  (script.shift() ?? takeAll)(response, received);
}

function spoolLogs(count: number, length = 10): void {
  const made = Array.from({ length: count }, (_, i) =>
    events.create(agentEventTypes.log, { message: `${i} ${'x'.repeat(length)}` }, clock.nowMs()),
  );
  spool.append(made);
}

describe('the sender', () => {
  it('posts what waits as NDJSON, in order, with the token, and removes what the server took', async () => {
    spoolLogs(3);
    expect(await sender.sendOnce(never)).toEqual({ waitMs: 1000 });
    expect(requests[0]?.url).toBe('/ingest/v1/events');
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/x-ndjson',
    });
    expect(requests[0]?.headers['content-encoding']).toBeUndefined();
    expect(requests[0]?.bodies.map(idOf)).toEqual(['run-1', 'run-2', 'run-3']);
    expect({ waiting: spool.waiting, accepted: sender.accepted }).toEqual({ waiting: 0, accepted: 3 });
  });

  it('compresses a body over 1 KB', async () => {
    spoolLogs(1, 2000);
    await sender.sendOnce(never);
    expect(requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(idOf(requests[0]?.bodies[0] ?? '')).toBe('run-1');
  });

  it('sends nothing while nothing waits', async () => {
    expect(await sender.sendOnce(never)).toEqual({ waitMs: 1000 });
    expect(requests).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['a 503', json(503, { code: 'NOT_DURABLE_NOW' })],
    [
      'a connection that is cut in the middle of the answer',
      (response) => {
        response.writeHead(202, { 'content-length': '1000' });
        response.write('{"accepted":2,', () => response.destroy());
      },
    ],
    ['a connection that is cut before the answer', (response) => response.destroy()],
    ['an answer that does not account for every event', json(202, { accepted: 1, rejected: [] })],
    [
      'a place refused that was not sent',
      json(202, { accepted: 1, rejected: [{ index: 9, code: 'X', message: '' }] }),
    ],
    ["an answer that is not the platform's", (response) => response.writeHead(202).end('<html>')],
  ])('sends the same bytes again after %s', async (_, failure) => {
    script.push(failure);
    spoolLogs(2);
    const { waitMs } = await sender.sendOnce(never);
    expect(waitMs).toBeGreaterThan(0);
    expect({ waiting: spool.waiting, accepted: sender.accepted }).toEqual({ waiting: 2, accepted: 0 });
    await sender.sendOnce(never);
    expect(requests[1]?.bodies).toEqual(requests[0]?.bodies);
    expect({ waiting: spool.waiting, accepted: sender.accepted }).toEqual({ waiting: 0, accepted: 2 });
  });

  it('waits at least as long as Retry-After says', async () => {
    script.push(json(429, { code: 'QUOTA_EXCEEDED' }, { 'retry-after': '7' }));
    spoolLogs(1);
    expect((await sender.sendOnce(never)).waitMs).toBeGreaterThanOrEqual(7000);
    expect(spool.waiting).toBe(1);
  });

  it('backs off further with every failure, never beyond 30 s, tells of it once, and starts over after a success', async () => {
    spoolLogs(1);
    const waits: number[] = [];
    for (let i = 0; i < 40; i++) {
      script.push(json(500, {}));
      waits.push((await sender.sendOnce(never)).waitMs);
    }
    expect(Math.max(...waits.slice(0, 3))).toBeLessThanOrEqual(2000);
    expect(Math.max(...waits)).toBeGreaterThan(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(told).toHaveLength(1);
    await sender.sendOnce(never);
    expect(told).toHaveLength(2);
    spoolLogs(1);
    script.push(json(500, {}));
    expect((await sender.sendOnce(never)).waitMs).toBeLessThanOrEqual(500);
  });

  it('removes what is refused for good, counts it by code, and keeps the rest of a partly refused batch', async () => {
    const rejected = [
      { index: 0, code: 'EVENT_TIME_OUT_OF_RANGE', message: 'too old' },
      { index: 2, code: 'QUOTA_EXCEEDED', message: 'later' },
    ];
    script.push(json(202, { accepted: 1, rejected }));
    spoolLogs(3);
    await sender.sendOnce(never);
    expect(sender.refused).toEqual({ EVENT_TIME_OUT_OF_RANGE: 1 });
    expect({ waiting: spool.waiting, accepted: sender.accepted }).toEqual({ waiting: 1, accepted: 1 });
    await sender.sendOnce(never);
    expect(requests[1]?.bodies).toEqual([requests[0]?.bodies[2]]);
    expect(told.join()).toContain('too old');
  });

  it('finds the one event that makes a request too large, and refuses that one alone', async () => {
    const choosy: Answer = (response, received) => {
      const tooLarge = received.bodies.some((body) => idOf(body) === 'run-3');
      (tooLarge ? json(413, { code: 'EVENT_TOO_LARGE' }) : takeAll)(response, received);
    };
    spoolLogs(5);
    while (spool.waiting > 0) {
      script.unshift(choosy);
      await sender.sendOnce(never);
    }
    expect(sender.refused).toEqual({ EVENT_TOO_LARGE: 1 });
    expect(sender.accepted).toBe(4);
  });

  it.each([401, 403, 404, 302])(
    'keeps everything and retries slowly after a %d, saying what to mend',
    async (status) => {
      script.push(json(status, { detail: 'The token has expired.' }));
      spoolLogs(2);
      expect((await sender.sendOnce(never)).waitMs).toBe(60_000);
      expect(spool.waiting).toBe(2);
      expect(told.join()).toMatch(/token has expired.*check its token/);
    },
  );

  it('gives up on an answer that does not come, and sends again', async () => {
    script.push(() => undefined);
    spoolLogs(1);
    const pending = sender.sendOnce(never);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(30_000);
    expect((await pending).waitMs).toBeGreaterThan(0);
    expect(spool.waiting).toBe(1);
  });

  it('stops at once when it is aborted, and keeps what it was sending', async () => {
    script.push(() => undefined);
    spoolLogs(1);
    const stopping = new AbortController();
    const pending = sender.sendOnce(stopping.signal);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    expect(await pending).toEqual({ waitMs: 0 });
    expect(spool.waiting).toBe(1);
  });

  it('reports drops once the server takes events again', async () => {
    spoolLogs(20, 5000);
    const dropped = spool.dropped[agentEventTypes.log] ?? 0;
    expect(dropped).toBeGreaterThan(0);
    await sender.sendOnce(never);
    expect(spool.unreportedDrops()).toEqual({});
    await sender.sendOnce(never);
    expect(requests[1]?.bodies.map((body) => sentSchema.parse(JSON.parse(body)).data)).toEqual(['drops']);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['Sun, 22 Nov 2026 00:01:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 00:01:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('%j is %j ms', (header, expected) => {
    expect(parseRetryAfter(header, Date.parse('2026-11-22T00:00:00Z'))).toBe(expected);
  });
});
