import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { topics } from '../../contracts/topics.ts';
import { createManualClock, type ManualClock } from '../../streams/clock.ts';
import {
  enrichedBatch,
  enrichedEvent,
  eventIdOf,
  fixtureTimeMs,
} from '../../tests/query-api/enriched-events.ts';
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

/** A reader of the tail over a real socket. */
interface TailClient {
  readonly response: IncomingMessage;
  /** The text since the last call, once it holds what is asked for this often. */
  until(part: string, times?: number): Promise<string>;
}

async function openTail(query = '', token = 'acme.technician'): Promise<TailClient> {
  const headers = { authorization: `Bearer ${token}` };
  const request = httpGet(`${url}/api/v1/events/tail${query}`, { headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('utf8').on('error', () => undefined);
  // Pulled chunk by chunk: who is not asked does not read.
  const chunks = (response as AsyncIterable<string>)[Symbol.asyncIterator]();
  const client: TailClient = {
    response,
    async until(part, times = 1) {
      let text = '';
      for (let count = 0, at = 0; count < times;) {
        const found = text.indexOf(part, at);
        if (found >= 0) {
          count++;
          at = found + part.length;
          continue;
        }
        at = Math.max(at, text.length - part.length);
        const chunk = await chunks.next();
        if (chunk.done === true) throw new Error(`The tail ended after ${text.length} characters.`);
        text += chunk.value;
      }
      return text;
    },
  };
  await client.until(': the tail stands\n\n');
  return client;
}

async function append(...events: Parameters<typeof enrichedBatch>[0][number][]): Promise<void> {
  await stores.log.append(topics.enriched, 0, enrichedBatch(events));
}

/** The messages of a stream: fields by name, as the standard reads them. */
function messagesOf(text: string): Map<string, string>[] {
  const blocks = text.split('\n\n').slice(0, -1);
  const messages = blocks.map(
    (block) =>
      new Map(block.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 2)])),
  );
  return messages.filter((message) => message.has('data'));
}

describe('the tail of events', () => {
  it('is a stream of messages with the id and JSON of each event', async () => {
    const tail = await openTail();
    expect(tail.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(tail.response.headers['cache-control']).toBe('no-store');
    await append(enrichedEvent(1, { summary: 'two\nlines\r\n\n: <b>', data: { message: 'x' } }));
    const [message] = messagesOf(await tail.until('"summary"'));
    expect(message?.get('id')).toBe(eventIdOf(1));
    expect(JSON.parse(message?.get('data') ?? '')).toMatchObject({
      eventId: eventIdOf(1),
      summary: 'two\nlines\r\n\n: <b>',
      data: { message: 'x' },
    });
  });

  it('is filtered by the server', async () => {
    const tail = await openTail('?severities=ERROR,CRITICAL&search=disk');
    await append(
      enrichedEvent(1, { severity: 'ERROR', summary: 'net' }),
      enrichedEvent(2, { summary: 'disk' }),
      enrichedEvent(3, { severity: 'ERROR', summary: 'disk' }),
    );
    expect(messagesOf(await tail.until('"summary"')).map((message) => message.get('id'))).toEqual([
      eventIdOf(3),
    ]);
  });

  it('shows a tenant its own events alone', async () => {
    const mine = await openTail();
    const theirs = await openTail('?deviceId=d1', 'umbrella.technician');
    await append(enrichedEvent(1), enrichedEvent(2, { tenantId: 'umbrella' }), enrichedEvent(3));
    expect(messagesOf(await mine.until('"summary"', 2)).map((m) => m.get('id'))).toEqual([
      eventIdOf(1),
      eventIdOf(3),
    ]);
    expect(messagesOf(await theirs.until('"summary"')).map((m) => m.get('id'))).toEqual([eventIdOf(2)]);
  });

  it('gives a sign of life when nothing happens', async () => {
    const tail = await openTail();
    await clock.advance(heartbeatMs);
    await tail.until(': still here\n\n');
    await clock.advance(heartbeatMs);
    await tail.until(': still here\n\n');
  });

  it('is read with the session of a browser', async () => {
    const request = httpGet(`${url}/api/v1/events/tail`, {
      headers: { cookie: 'openframe_session=acme.analyst' },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.destroy();
  });

  it('loses for a slow reader, which is told how much, and for no other', async () => {
    const slow = await openTail();
    const quick = await openTail();
    const data = 'x'.repeat(100_000);
    const count = 200;
    for (let i = 0; i < count; i += 10) {
      await append(...Array.from({ length: 10 }, (_, more) => enrichedEvent(i + more, { data })));
      expect(await quick.until('"summary"', 10)).not.toContain('event: dropped');
    }
    await append(enrichedEvent(count, { summary: 'the last' }));
    const messages = messagesOf(await slow.until('the last'));
    const notices = messages.filter((message) => message.get('event') === 'dropped');
    const received = messages.length - notices.length;
    const dropped = notices.map(
      (notice) => JSON.parse(notice.get('data') ?? '') as { dropped: number; total: number },
    );
    const sum = dropped.reduce((total, notice) => total + notice.dropped, 0);
    expect(sum).toBeGreaterThan(0);
    expect(received + sum).toBe(count + 1);
    expect(dropped.at(-1)?.total).toBe(sum);
  });

  it('ends when the server closes', async () => {
    const tail = await openTail();
    await app.close();
    await expect(tail.until('more')).rejects.toThrow();
  });
});
