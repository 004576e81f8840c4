import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEmbeddedLog } from '../../brokers/embedded/log.ts';
import type { Log } from '../../brokers/log.ts';
import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { topics } from '../../contracts/topics.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { enrichedBatch, enrichedEvent } from '../../tests/query-api/enriched-events.ts';
import { createLiveTail, type LiveTail, type TailedLog } from './live-tail.ts';
import type { TailBatch } from './tail-reader.ts';

const partitions = 2;
const clock = createSystemClock();
const acme = { tenantId: 'acme' };

let folder: string;
let log: Log;
let reads: number;
let tail: LiveTail;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openframe-tail-'));
  log = await createEmbeddedLog({ path: join(folder, 'log.db'), clock });
  await log.declareTopics([
    { name: topics.enriched, partitions, cleanup: 'delete', retentionMs: 0, retentionBytes: 0 },
  ]);
  reads = 0;
  tail = createLiveTail({ log: counted(log), clock, limits: { events: 10, sizeBytes: 100_000 } });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await log[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The log, with its reads counted: how a test sees who reads it, and when. */
function counted(engine: Log): TailedLog {
  return {
    partitionCount: (topic) => engine.partitionCount(topic),
    endOffset: (topic, partition) => engine.endOffset(topic, partition),
    changed: (names, maxWaitMs, signal) => engine.changed(names, maxWaitMs, signal),
    read: (topic, partition, fromOffset, maxBytes) => {
      reads++;
      return engine.read(topic, partition, fromOffset, maxBytes);
    },
  };
}

async function append(events: readonly EnrichedEvent[], partition = 0): Promise<void> {
  await log.append(topics.enriched, partition, enrichedBatch(events));
}

/** A reader that stands: what is appended from now on reaches it. */
async function open(
  filter: EventFilter = {},
  scope = acme,
  signal = stop.signal,
): Promise<AsyncIterator<TailBatch>> {
  const reader = tail.subscribe(scope, filter, signal)[Symbol.asyncIterator]();
  expect((await reader.next()).value).toEqual({ events: [], dropped: 0 });
  return reader;
}

/** The next `count` numbers of events that the reader gets. */
async function take(reader: AsyncIterator<TailBatch>, count: number): Promise<string[]> {
  const summaries: string[] = [];
  while (summaries.length < count) {
    const result = await reader.next();
    if (result.done === true) break;
    summaries.push(...result.value.events.map((event) => event.summary));
  }
  return summaries;
}

async function nextBatch(reader: AsyncIterator<TailBatch>): Promise<TailBatch> {
  const result = await reader.next();
  if (result.done === true) throw new Error('The tail ended.');
  return result.value;
}

function summariesOf({ events }: TailBatch): string[] {
  return events.map((event) => event.summary);
}

describe('live tail', () => {
  it('gives what is committed after it stands, from every partition, and nothing from before', async () => {
    await append([enrichedEvent(1)]);
    const reader = await open();
    await append([enrichedEvent(2), enrichedEvent(3)], 0);
    expect(await take(reader, 2)).toEqual(['event 2', 'event 3']);
    await append([enrichedEvent(4)], 1);
    expect(await take(reader, 1)).toEqual(['event 4']);
  });

  it('gives events as they are answered, with their data', async () => {
    const reader = await open();
    await append([enrichedEvent(1, { data: { message: 'disk' } })]);
    const { events } = await nextBatch(reader);
    expect(events[0]).toMatchObject({
      eventTime: '2026-01-31T08:00:00.001Z',
      hostname: null,
      data: { message: 'disk' },
    });
  });

  it("never gives a tenant another's events, whatever it filters by", async () => {
    const mine = await open();
    const theirs = await open({ deviceId: 'd1', search: 'event' }, { tenantId: 'umbrella' });
    await append([enrichedEvent(1), enrichedEvent(2, { tenantId: 'umbrella' }), enrichedEvent(3)]);
    expect(await take(mine, 2)).toEqual(['event 1', 'event 3']);
    expect(await take(theirs, 1)).toEqual(['event 2']);
  });

  it('believes the event, not the header, about whose it is', async () => {
    const mine = await open();
    const theirs = await open({}, { tenantId: 'umbrella' });
    const builder = new RecordBatchBuilder();
    const value = JSON.stringify(enrichedEvent(1, { tenantId: 'umbrella' }));
    builder.appendRecord({ key: 'k', value, timestampMs: 1, headers: { tenant: 'acme' } });
    await log.append(topics.enriched, 0, builder.finish());
    await append([enrichedEvent(2)]);
    expect(await take(mine, 1)).toEqual(['event 2']);
    expect(await take(theirs, 1)).toEqual(['event 1']);
  });

  it('applies the filter of each reader', async () => {
    const errors = await open({ severities: ['ERROR'] });
    const disks = await open({ search: 'disk' });
    await append([
      enrichedEvent(1, { severity: 'ERROR' }),
      enrichedEvent(2, { summary: 'disk is full' }),
      enrichedEvent(3, { severity: 'ERROR', summary: 'disk failed' }),
    ]);
    expect(await take(errors, 2)).toEqual(['event 1', 'disk failed']);
    expect(await take(disks, 2)).toEqual(['disk is full', 'disk failed']);
  });

  it('passes over tombstones and values that are no events', async () => {
    const reader = await open();
    const builder = new RecordBatchBuilder();
    for (const value of [null, '{', '"text"', 'null', '{"tenantId":"acme"}']) {
      builder.appendRecord({ key: 'k', value, timestampMs: 1 });
    }
    await log.append(topics.enriched, 0, builder.finish());
    await append([enrichedEvent(2)]);
    expect(await take(reader, 1)).toEqual(['event 2']);
  });

  it('drops the oldest of a slow reader, with the count, while a quick one gets all', async () => {
    const slow = await open();
    const quick = await open();
    const seen: string[] = [];
    for (let from = 0; from < 40; from += 8) {
      await append(Array.from({ length: 8 }, (_, i) => enrichedEvent(from + i)));
      seen.push(...(await take(quick, 8)));
    }
    expect(seen).toHaveLength(40);
    const batch = await nextBatch(slow);
    expect(batch.dropped).toBe(30);
    expect(summariesOf(batch)).toEqual(seen.slice(30));
    await append([enrichedEvent(40)]);
    expect((await slow.next()).value).toMatchObject({ dropped: 0, events: [{ summary: 'event 40' }] });
  });

  it('keeps few large events for a slow reader, and always the newest', async () => {
    const slow = await open();
    const quick = await open();
    const data = 'x'.repeat(60_000);
    await append([enrichedEvent(1, { data }), enrichedEvent(2, { data })]);
    await append([enrichedEvent(3, { data: data + data })]);
    while (!(await take(quick, 1)).includes('event 3'));
    const batch = await nextBatch(slow);
    expect(summariesOf(batch)).toEqual(['event 3']);
    expect(batch.dropped).toBe(2);
  });

  it('reads the log once, however many listen', async () => {
    const readers = await Promise.all(Array.from({ length: 50 }, () => open()));
    const before = reads;
    await append([enrichedEvent(1)]);
    await Promise.all(readers.map((reader) => take(reader, 1)));
    expect(reads - before).toBeLessThanOrEqual(4 * partitions);
  });

  it('reads nothing before somebody listens and after the last has left, and starts anew at the end', async () => {
    await append([enrichedEvent(1)]);
    expect(reads).toBe(0);
    const leaving = new AbortController();
    const reader = await open({}, acme, leaving.signal);
    await append([enrichedEvent(2)]);
    expect(await take(reader, 1)).toEqual(['event 2']);
    const pending = reader.next();
    leaving.abort();
    expect((await pending).done).toBe(true);
    const before = reads;
    await append([enrichedEvent(3)]);
    await log.changed([topics.enriched], 10, stop.signal);
    expect(reads).toBe(before);
    const next = await open();
    await append([enrichedEvent(4)]);
    expect(await take(next, 1)).toEqual(['event 4']);
  });

  it('goes on for the others when one reader leaves', async () => {
    const leaving = new AbortController();
    const first = await open({}, acme, leaving.signal);
    const second = await open();
    const pending = first.next();
    leaving.abort();
    await pending;
    await append([enrichedEvent(1)]);
    expect(await take(second, 1)).toEqual(['event 1']);
  });

  it('tells every reader the fault of the log, and works again for the next', async () => {
    const fault = new OpenFrameError('BATCH_CORRUPT', 'damaged');
    let broken = true;
    const flawed = { ...counted(log), endOffset: () => Promise.reject(fault) };
    const failing = createLiveTail({
      log: { ...flawed, endOffset: (t, p) => (broken ? flawed.endOffset() : log.endOffset(t, p)) },
      clock,
    });
    const reader = failing.subscribe(acme, {}, stop.signal)[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toBe(fault);
    broken = false;
    const next = failing.subscribe(acme, {}, stop.signal)[Symbol.asyncIterator]();
    expect((await next.next()).done).toBe(false);
    await next.return?.();
  });
});
