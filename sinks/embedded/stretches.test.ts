import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { enrichedBatch, enrichedEvent, eventIdOf, startMs } from '../../conformance/enriched-events.ts';
import { north, signal, south } from '../../conformance/event-sinks.ts';
import { facetNames, lateDevices, questionEvents, randomFilter } from '../../conformance/questions.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createRandom, type Random } from '../../streams/random.ts';
import type { EventFilter } from '../analytics.ts';
import { cutGap, smallTogether } from './cut-gap.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { earliestMs, latestMs, numberOf } from './event-columns.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore, storeFormat } from './event-store.ts';
import type { Stretch } from './stretch-cover.ts';

const dayMs = 86_400_000;

async function openFile(path: string): Promise<DuckDbFile> {
  return DuckDbFile.open({
    path,
    memoryLimitMb: 64,
    schema: [],
    schemaVersion: storeFormat,
    readableFolder: `${path}.staging`,
  });
}

/** How many stretches are stored, and how many events they count, with those that came late to them or not. */
async function countsIn(path: string): Promise<{ stretches: number; counted: number; late: number }> {
  await using file = await openFile(path);
  const [row] = await file.query(
    `SELECT (SELECT count(*) FROM stretches), (SELECT sum(events)::BIGINT FROM stretch_counts),
      (SELECT count(*) FROM stretches WHERE late_from IS NOT NULL)`,
    [],
  );
  return { stretches: numberOf(row?.[0]), counted: numberOf(row?.[1]), late: numberOf(row?.[2]) };
}

/** Two stores that get the same, one of which counts its rows in stretches. */
async function createPair(folder: string, clock: ReturnType<typeof createManualClock>) {
  const path = (name: string): string => join(folder, `${name}.duckdb`);
  const openCounted = (): Promise<EmbeddedEventStore> =>
    createEmbeddedEventStore({ path: path('counted'), clock, stretchEvents: 20 });
  const plain = await createEmbeddedEventStore({ path: path('plain'), clock });
  let counted = await openCounted();
  return {
    path: path('counted'),
    both: async (work: (store: EmbeddedEventStore) => Promise<unknown>) => {
      await work(plain);
      await work(counted);
    },
    flush: () => counted.deferred?.flush(),
    async reopen() {
      await counted[Symbol.asyncDispose]();
      counted = await openCounted();
    },
    async expectEqual(filter: EventFilter, eventIds: readonly string[], about: string) {
      for (const scope of [north, south]) {
        const [mine, other] = [
          await counted.facets(scope, filter, 20),
          await plain.facets(scope, filter, 20),
        ];
        for (const name of facetNames) {
          const counts = (facets: typeof mine) => facets[name].map(({ value, count }) => [value, count]);
          expect(counts(mine), `${about} ${name} ${JSON.stringify(filter)}`).toEqual(counts(other));
        }
        for (const id of eventIds) {
          expect(await counted.event(scope, id), about).toEqual(await plain.event(scope, id));
          expect(await counted.storedAtMs(scope, id), about).toBe(await plain.storedAtMs(scope, id));
        }
      }
    },
    close: async () => {
      await plain[Symbol.asyncDispose]();
      await counted[Symbol.asyncDispose]();
    },
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
}

type Pair = Awaited<ReturnType<typeof createPair>>;

/** One write, at times with a removal before it, at times with stretches counted while it goes on. */
async function change(pair: Pair, random: Random, some: readonly EnrichedEvent[]): Promise<void> {
  const kind = random.below(8);
  if (kind === 7 && random.below(3) === 0) {
    const beforeMs = startMs + random.below(40) * 60_000;
    await pair.both((store) => store.deleteBefore(beforeMs, ['LOGIN']));
  }
  const device = pick(random, lateDevices);
  const batch = enrichedBatch(
    some.map((event) => (kind > 2 ? event : { ...event, ...device })),
    { backfill: kind === 1, completes: kind === 2 },
  );
  const writing = pair.both((store) => store.write([batch], signal));
  if (random.below(3) > 0) await pair.flush();
  await writing;
}

it.each([1, 2, 3])(
  'answers as rows that are looked at one by one, whatever comes late, again, completed, or is removed: seed %d',
  async (seed) => {
    await using cleanup = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'openframe-stretches-'));
    cleanup.defer(() => rm(folder, { recursive: true }));
    const random = createRandom(seed);
    const clock = createManualClock(startMs + dayMs);
    const pair = await createPair(folder, clock);
    const events = questionEvents(random, 600).map((event) => ({
      ...event,
      eventTime: event.eventTime + random.below(10) * 600_000,
    }));
    for (let step = 0; step < 25; step++) {
      const at = random.below(events.length - 40);
      const some = events.slice(at, at + 5 + random.below(30));
      await change(pair, random, some);
      await clock.advance(pick(random, [0, 0, 1, 5_000, 700_000]));
      if (random.below(10) === 0) await pair.reopen();
      const filter = random.below(3) === 0 ? {} : randomFilter(random, events);
      const ids = [pick(random, some).eventId, pick(random, events).eventId];
      await pair.expectEqual(filter, ids, `step ${step}`);
    }
    await pair.flush();
    await pair.close();
    const { stretches, counted } = await countsIn(pair.path);
    expect(stretches).toBeGreaterThan(1);
    expect(counted).toBeGreaterThan(20);
  },
);

it('tells late rows apart until they are old, then counts them with the others', async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-stretches-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const clock = createManualClock(startMs + dayMs);
  const path = join(folder, 'events.duckdb');
  const store = await createEmbeddedEventStore({ path, clock, stretchEvents: 100 });
  const write = async (numbers: readonly number[]): Promise<void> => {
    await store.write([enrichedBatch(numbers.map((n) => enrichedEvent(n, { deviceId: 'd' })))], signal);
    await store.deferred?.flush();
    await clock.advance(1_000);
  };
  const expectCount = async (count: number): Promise<void> => {
    expect((await store.facets(north, {}, 5)).deviceId).toEqual([{ value: 'd', label: 'd', count }]);
  };
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  await write(upTo(0, 150));
  await write(upTo(140, 160));
  await expectCount(160);
  expect((await store.event(north, eventIdOf(155)))?.summary).toBe('event 155');
  await store[Symbol.asyncDispose]();
  expect(await countsIn(path)).toEqual({ stretches: 1, counted: 150, late: 1 });
  await using again = await createEmbeddedEventStore({ path, clock, stretchEvents: 100 });
  await clock.advance(700_000);
  await again.deferred?.flush();
  await again[Symbol.asyncDispose]();
  expect(await countsIn(path)).toEqual({ stretches: 1, counted: 160, late: 0 });
});

it('joins stretches of the newest events when they have enough, and answers as before', async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-stretches-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, 'events.duckdb');
  const clock = createManualClock(startMs + dayMs);
  const store = await createEmbeddedEventStore({ path, clock, stretchEvents: 100 });
  for (let first = 0; first < 120; first += 20) {
    const some = Array.from({ length: 20 }, (_, i) => enrichedEvent(first + i));
    const apart = some.map((event, i) => ({ ...event, eventTime: startMs + (first + i) * 1_000 }));
    await store.write([enrichedBatch(apart)], signal);
    await store.deferred?.flush();
  }
  expect((await store.facets(north, {}, 5)).severity).toEqual([{ value: 'INFO', label: 'INFO', count: 120 }]);
  for (const number of [0, 59, 99, 119])
    expect((await store.event(north, eventIdOf(number)))?.summary).toBe(`event ${number}`);
  await store[Symbol.asyncDispose]();
  expect(await countsIn(path)).toEqual({ stretches: 2, counted: 120, late: 0 });
});

const steps = (counts: readonly number[]) => counts.map((count, i) => ({ fromMs: i * 10, count }));

const size = { stepMs: 10, events: 10, newest: 4 };

it('cuts free time into stretches of enough rows, and the newest rest when it has enough for that', () => {
  const gap = { fromMs: earliestMs, toMs: latestMs + 1 };
  const cut = [
    { fromMs: 0, toMs: 20 },
    { fromMs: 20, toMs: 40 },
  ];
  expect(cutGap(gap, { ...size, steps: steps([5, 5, 1, 20, 3]) })).toEqual(cut);
  const rest = { fromMs: 40, toMs: 60 };
  expect(cutGap(gap, { ...size, steps: steps([5, 5, 1, 20, 3, 1]) })).toEqual([...cut, rest]);
});

it('cuts a gap between stretches so that none of it is left, unless hardly anything is in it', () => {
  const gap = { fromMs: 0, toMs: 50 };
  expect(cutGap(gap, { ...size, steps: steps([5, 5, 1, 1, 1, 99]) })).toEqual([gap]);
  expect(cutGap(gap, { ...size, steps: steps([0, 2]).slice(1) })).toEqual([{ fromMs: 10, toMs: 50 }]);
  expect(cutGap(gap, { ...size, steps: steps([1]) })).toEqual([]);
});

it('joins small stretches that touch when they have enough rows together, and none with late rows', () => {
  const [a, b, c, d] = [0, 1, 2, 3].map((n) => ({
    stretch: n,
    fromMs: n * 10,
    toMs: n * 10 + 10,
    lateFromMs: undefined,
  })) as [Stretch, Stretch, Stretch, Stretch];
  const counts = (...of: number[]) => new Map(of.map((count, n) => [n, count]));
  expect(smallTogether([a, b, c, d], counts(4, 4, 4, 4), 10)).toEqual([a, b, c]);
  expect(smallTogether([a, b, c, d], counts(4, 4, 1, 0), 10)).toEqual([]);
  expect(smallTogether([a, b, c, d], counts(9, 4, 4, 4), 10)).toEqual([b, c, d]);
  expect(smallTogether([a, c, d], counts(4, 4, 4, 4), 10)).toEqual([]);
  expect(smallTogether([a, { ...b, lateFromMs: 5 }, c, d], counts(4, 4, 4, 4), 10)).toEqual([]);
});
