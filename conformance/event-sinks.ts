import { expect } from 'vitest';

import { toStoredEvent } from '../contracts/enriched.ts';
import type { StoredEvent } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { StoredEventId } from '../sinks/event-log.ts';
import type { ManualClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import type { Sink } from '../streams/sink.ts';
import { enrichedBatch, enrichedEvent, eventIdOf, randomEvents, startMs } from './enriched-events.ts';
import type { Laws } from './laws.ts';

/** What the event log and analytics have in common. */
export interface EventSink extends Sink {
  storedAtMs(scope: TenantScope, eventId: string): Promise<number | null>;
  eventIds(): AsyncIterable<readonly StoredEventId[]>;
  deleteBefore(eventTimeMs: number, except?: readonly string[]): Promise<void>;
}

/** Fresh, empty storage. */
export interface EventSinkSubject<Store extends EventSink> extends AsyncDisposable {
  readonly store: Store;
  /** The clock that the store asks. */
  readonly clock: ManualClock;
  /** Closes the store and opens the same storage again. */
  reopen(): Promise<Store>;
  /** Opens what a process would find that starts after this one was killed now. */
  afterKill(): Promise<Store>;
}

/** The event with this id as one store answers it, without its data where it has none. */
export type FindEvent<Store> = (
  store: Store,
  scope: TenantScope,
  eventId: string,
) => Promise<StoredEvent | null>;

export const north: TenantScope = { tenantId: 'north' };
export const south: TenantScope = { tenantId: 'south' };
export const signal = new AbortController().signal;

export async function storedIds(store: EventSink): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of store.eventIds()) ids.push(...chunk.map((id) => `${id.tenantId}/${id.eventId}`));
  return ids.sort();
}

/** The laws that hold for every store of the enriched topic's events. */
export function eventSinkLaws<Store extends EventSink>(
  find: FindEvent<Store>,
): Laws<EventSinkSubject<Store>> {
  return { ...rewriteLaws(find), ...faultLaws(find), ...lifeLaws(find) };
}

function rewriteLaws<Store extends EventSink>(find: FindEvent<Store>): Laws<EventSinkSubject<Store>> {
  return {
    'leaves one row for an event that comes again in its batch, in another, and after a reopen': async (
      subject,
    ) => {
      const events = randomEvents(createRandom(7), 60);
      const expected = events.map((e) => `${e.tenantId}/${e.eventId}`).sort();
      const { store } = subject;
      await store.write([enrichedBatch([...events.slice(0, 30), ...events.slice(10, 20)])], signal);
      await store.write([enrichedBatch(events.slice(0, 30))], signal);
      await store.write([enrichedBatch(events.slice(20, 50)), enrichedBatch(events.slice(40))], signal);
      expect(await storedIds(store)).toEqual(expected);
      const reopened = await subject.reopen();
      await reopened.write([enrichedBatch(events), enrichedBatch(events)], signal);
      expect(await storedIds(reopened)).toEqual(expected);
    },
    'keeps the first of two events with the same id': async ({ store }) => {
      await store.write([enrichedBatch([enrichedEvent(1), enrichedEvent(1, { summary: 'other' })])], signal);
      await store.write([enrichedBatch([enrichedEvent(1, { summary: 'another' })])], signal);
      expect((await find(store, north, eventIdOf(1)))?.summary).toBe('event 1');
    },
    'takes equal ids of two tenants for two events': async ({ store }) => {
      const inSouth = enrichedEvent(1, { tenantId: 'south', summary: 'of the south' });
      await store.write([enrichedBatch([enrichedEvent(1), inSouth])], signal);
      await store.write([enrichedBatch([inSouth, enrichedEvent(1)])], signal);
      expect(await storedIds(store)).toEqual([`north/${eventIdOf(1)}`, `south/${eventIdOf(1)}`]);
      expect((await find(store, north, eventIdOf(1)))?.summary).toBe('event 1');
      expect((await find(store, south, eventIdOf(1)))?.summary).toBe('of the south');
    },
    'skips tombstones and records below the first offset': async ({ store }) => {
      const values = [enrichedEvent(1), null, enrichedEvent(2), enrichedEvent(3)];
      expect(await store.write([enrichedBatch(values, { firstOffset: 102 })], signal)).toEqual([]);
      expect(await storedIds(store)).toEqual([`north/${eventIdOf(2)}`, `north/${eventIdOf(3)}`]);
      expect(await store.write([enrichedBatch([null])], signal)).toEqual([]);
      expect(await store.write([], signal)).toEqual([]);
    },
    'stores events that are hours and weeks apart once': async ({ store }) => {
      const hoursAgo = [0, 1, 2, 30, 31, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100];
      const events = hoursAgo.map((h, i) => enrichedEvent(i, { eventTime: startMs - h * 3_600_000 }));
      await store.write([enrichedBatch(events.slice(0, 9))], signal);
      await store.write([enrichedBatch(events)], signal);
      await store.write([enrichedBatch(events)], signal);
      expect(await storedIds(store)).toHaveLength(events.length);
    },
  };
}

function faultLaws<Store extends EventSink>(find: FindEvent<Store>): Laws<EventSinkSubject<Store>> {
  return {
    'names the records that can never be stored and stores all others': async ({ store }) => {
      const text = (number: number, given: object): string =>
        JSON.stringify({ ...enrichedEvent(number), ...given });
      const bad: (string | Buffer)[] = [
        'no JSON',
        '',
        '{}',
        '[1]',
        'null',
        text(50, { eventId: 'no uuid' }),
        text(51, { tenantId: undefined }),
        text(52, { eventTime: 'yesterday' }),
        text(53, { eventTime: 1e300 }),
        text(54, { summary: null }),
        text(56, {}).slice(0, -1),
        Buffer.concat([Buffer.from(text(57, {}).slice(0, -2)), Buffer.from([0xff, 0xfe, 0x22, 0x7d])]),
      ];
      const values = bad.flatMap((value, i) => [enrichedEvent(i), value]);
      const batch = enrichedBatch(values, { partition: 3 });
      const rejected = await store.write([enrichedBatch([enrichedEvent(90)]), batch], signal);
      expect(rejected.map((r) => r.offset).sort((a, b) => a - b)).toEqual(bad.map((_, i) => 101 + 2 * i));
      expect(rejected.every((r) => r.partition === 3 && r.reason.length > 3)).toBe(true);
      const good = [...bad.map((_, i) => eventIdOf(i)), eventIdOf(90)].map((id) => `north/${id}`);
      expect(await storedIds(store)).toEqual(good.sort());
      expect(await store.write([batch], signal)).toHaveLength(bad.length);
      expect(await storedIds(store)).toEqual(good);
    },
    'refuses an event with something behind it': async ({ store }) => {
      const values = [enrichedEvent(1), `${JSON.stringify(enrichedEvent(2))}{}`];
      const rejected = await store.write([enrichedBatch(values)], signal);
      expect(rejected.map((r) => r.offset)).toEqual([101]);
      expect(await storedIds(store)).toEqual([`north/${eventIdOf(1)}`]);
    },
    'stores an event whatever its data is': async ({ store }) => {
      const hostile = [
        '"text\\u0000with\\u001f"',
        '"\\ud800"',
        '{"\\udfff":"\\ud800"}',
        '1e999',
        '123456789012345678901234567890',
        'null',
        'true',
        '[]',
        '{"samples":7}',
        '{"samples":[7,null,{"name":1}]}',
        '{"samples":[{"value":"x"}]}',
        '{"a":1,"a":2}',
        '{\n\t"a" :\r\n 1 }',
        '"\'; DROP TABLE events; --"',
      ];
      const values = hostile.map((data, i) =>
        JSON.stringify(enrichedEvent(i, { sourceType: 'openframe.metrics' })).replace(
          /\}$/,
          `,"data":${data}}`,
        ),
      );
      expect(await store.write([enrichedBatch(values)], signal)).toEqual([]);
      expect(await storedIds(store)).toHaveLength(hostile.length);
    },
    'stores an event whose data is nested 2,000 deep': async ({ store }) => {
      const data = `${'['.repeat(2000)}${']'.repeat(2000)}`;
      const value = JSON.stringify(enrichedEvent(1)).replace(/\}$/, `,"data":${data}}`);
      expect(await store.write([enrichedBatch([value])], signal)).toEqual([]);
      expect(await storedIds(store)).toHaveLength(1);
    },
    'gives texts back as they came': async ({ store }) => {
      const texts = [
        '"quoted" \'single\' `tick`',
        "'; DROP TABLE events; --",
        '=cmd|calc',
        '%_\\',
        '<b>&amp;',
        'NUL \u0000 within',
        'tab\tline\nend\r',
        '😀 🇩🇪 é\u0301 \u202e',
        '\ufeffmark',
        '${x} {{y}} $1 ?',
        ' space ',
        '\u2028\u2029\u007f',
      ];
      const events = texts.map((summary, i) =>
        enrichedEvent(i, {
          summary,
          hostname: summary,
          organizationName: summary,
          deviceId: summary,
          userId: summary,
        }),
      );
      expect(await store.write([enrichedBatch(events)], signal)).toEqual([]);
      for (const event of events) {
        expect(await find(store, north, event.eventId)).toEqual(toStoredEvent(event));
      }
    },
  };
}

function lifeLaws<Store extends EventSink>(find: FindEvent<Store>): Laws<EventSinkSubject<Store>> {
  return {
    'has what was written and flushed, when the process is killed right then': async (subject) => {
      const events = randomEvents(createRandom(3), 200);
      await subject.store.write([enrichedBatch(events.slice(0, 150))], signal);
      await subject.store.write([enrichedBatch(events.slice(100))], signal);
      const news = enrichedEvent(999, { deviceId: 'device-1', hostname: 'host-1' });
      await subject.store.write([enrichedBatch([news], { backfill: true })], signal);
      const expected = await storedIds(subject.store);
      expect(expected).toHaveLength(201);
      await subject.store.deferred?.flush();
      expect(subject.store.deferred?.losses() ?? 0).toBe(0);
      expect(await storedIds(await subject.afterKill())).toEqual(expected);
    },
    'flushes while writes go on, and again when there is nothing to flush': async (subject) => {
      let flushing: Promise<void> | undefined;
      for (let from = 0; from < 400; from += 100) {
        const events = Array.from({ length: 100 }, (_, n) => enrichedEvent(from + n));
        await subject.store.write([enrichedBatch(events)], signal);
        flushing ??= subject.store.deferred?.flush();
      }
      await flushing;
      await Promise.all([subject.store.deferred?.flush(), subject.store.deferred?.flush()]);
      expect(await storedIds(await subject.afterKill())).toHaveLength(400);
    },
    'says when a row was written, to its tenant alone': async ({ store, clock }) => {
      await store.write([enrichedBatch([enrichedEvent(1)])], signal);
      const writtenMs = clock.nowMs();
      await clock.advance(5000);
      await store.write([enrichedBatch([enrichedEvent(1), enrichedEvent(2)])], signal);
      expect(await store.storedAtMs(north, eventIdOf(1))).toBe(writtenMs);
      expect(await store.storedAtMs(north, eventIdOf(2))).toBe(writtenMs + 5000);
      expect(await store.storedAtMs(north, eventIdOf(3))).toBeNull();
      expect(await store.storedAtMs(south, eventIdOf(1))).toBeNull();
      expect(await store.storedAtMs(north, 'no id')).toBeNull();
    },
    'deletes what is older than a moment, and only that': async (subject) => {
      await subject.store.write([enrichedBatch([1, 2, 3].map((n) => enrichedEvent(n)))], signal);
      await subject.store.deleteBefore(startMs + 2);
      const expected = [`north/${eventIdOf(2)}`, `north/${eventIdOf(3)}`];
      expect(await storedIds(subject.store)).toEqual(expected);
      expect(await storedIds(await subject.reopen())).toEqual(expected);
    },
    'deletes what is older and not of the types that are kept longer': async ({ store }) => {
      const login = (number: number) => enrichedEvent(number, { eventType: 'LOGIN' });
      await store.write([enrichedBatch([enrichedEvent(1), login(2), login(3), enrichedEvent(4)])], signal);
      await store.deleteBefore(startMs + 4, ['LOGIN', 'LOGOUT']);
      expect(await storedIds(store)).toEqual([2, 3, 4].map((n) => `north/${eventIdOf(n)}`));
      await store.deleteBefore(startMs + 3);
      expect(await storedIds(store)).toEqual([3, 4].map((n) => `north/${eventIdOf(n)}`));
    },
    'lists every id once, however many there are': async ({ store }) => {
      const events = Array.from({ length: 6000 }, (_, n) => enrichedEvent(n));
      await store.write([enrichedBatch(events)], signal);
      expect(await storedIds(store)).toEqual(events.map((e) => `north/${e.eventId}`));
    },
    'writes nothing once it was told to stop': async ({ store }) => {
      const stopped = AbortSignal.abort();
      await expect(store.write([enrichedBatch([enrichedEvent(1)])], stopped)).rejects.toThrow();
      expect(await storedIds(store)).toEqual([]);
    },
    'closes twice, and refuses what comes after with a retryable STORE_UNAVAILABLE': async ({ store }) => {
      await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
      await store[Symbol.asyncDispose]();
      const refusal = { code: 'STORE_UNAVAILABLE', retryable: true };
      await expect(store.write([enrichedBatch([enrichedEvent(1)])], signal)).rejects.toMatchObject(refusal);
      await expect(find(store, north, eventIdOf(1))).rejects.toMatchObject(refusal);
      await expect(storedIds(store)).rejects.toMatchObject(refusal);
    },
  };
}
