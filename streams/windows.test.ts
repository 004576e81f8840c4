import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createTestDriver, type TestDriver } from './test-driver.ts';
import { from, type Topology } from './topology.ts';
import { windowed } from './windows.ts';

const maxOutOfOrderMs = 50;

function sums(sizeMs: number, hopMs: number, allowedLatenessMs = 0): Topology {
  const stage = windowed<{ sum: number; ids: number[] }>({
    name: 'sum',
    sizeMs,
    hopMs,
    allowedLatenessMs,
    changelogTopic: 'windows',
    reads: ['data'],
    gives: [
      { name: 'sum', kind: 'number' },
      { name: 'startMs', kind: 'number' },
      { name: 'ids', kind: 'json' },
    ],
    open: ({ field }) => {
      const data = field('data');
      return {
        keyOf: (record) => record.key,
        add: (before = { sum: 0, ids: [] }, record) => {
          const { id, amount } = record.json(data) as { id: number; amount: number };
          return { sum: before.sum + amount, ids: [...before.ids, id] };
        },
        close: (_key, { startMs }, { sum, ids }) => ({ sum, startMs, ids: JSON.stringify(ids) }),
      };
    },
  });
  return from('windows', { topics: ['in'], format: { headers: {}, value: { name: 'data', kind: 'json' } } })
    .through(stage)
    .to({
      topic: 'out',
      partitionBy: 'same',
      value: [
        { name: 'startMs', kind: 'number' },
        { name: 'sum', kind: 'number' },
        { name: 'ids', kind: 'json' },
      ],
    })
    .build();
}

interface Fact {
  readonly id: number;
  readonly key: string;
  readonly amount: number;
  readonly eventTimeMs: number;
}

interface Closed {
  readonly key: string;
  readonly startMs: number;
  readonly sum: number;
  readonly ids: number[];
}

function closedOf(driver: TestDriver): Closed[] {
  return driver.outputs().map(({ key, json }) => ({ key, ...(json as Omit<Closed, 'key'>) }));
}

/** Facts in an order where none comes more than `maxOutOfOrderMs` behind a newer one. */
const facts = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c d'),
      amount: fc.integer({ min: -9, max: 9 }),
      timeMs: fc.integer({ min: 0, max: 1000 }),
      delayMs: fc.integer({ min: 0, max: maxOutOfOrderMs }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) =>
    drawn
      .map((fact, id) => ({ ...fact, id, eventTimeMs: fact.timeMs }))
      .sort((a, b) => a.timeMs + a.delayMs - (b.timeMs + b.delayMs)),
  );
const shape = fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(10, 25, 100));

function plainly(all: readonly Fact[], sizeMs: number, hopMs: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const { key, amount, eventTimeMs } of all) {
    for (let startMs = -sizeMs; startMs <= 1000; startMs += hopMs) {
      if (eventTimeMs < startMs || eventTimeMs >= startMs + sizeMs) continue;
      found.set(`${key}@${startMs}`, (found.get(`${key}@${startMs}`) ?? 0) + amount);
    }
  }
  return found;
}

const flush = { key: 'end', value: { id: -1, amount: 0 }, eventTimeMs: 100_000 };
const pipedOf = ({ key, id, amount, eventTimeMs }: Fact) => ({ key, value: { id, amount }, eventTimeMs });

function created(topology: Topology): TestDriver {
  return createTestDriver(topology, { watermark: { maxOutOfOrderMs, idleAfterMs: 1e9 } });
}

async function piped(driver: TestDriver, all: readonly Fact[], restartEvery: number): Promise<void> {
  for (let at = 0, step = 0; at < all.length; at += 3, step++) {
    if (step % restartEvery === restartEvery - 1) await driver.restart();
    await driver.pipe(all.slice(at, at + 3).map(pipedOf));
  }
  await driver.pipe([flush]);
}

describe('windows', () => {
  it('equal a plain computation for any order within lateness, restored at any point', async () => {
    await fc.assert(
      fc.asyncProperty(
        facts,
        shape,
        fc.integer({ min: 1, max: 5 }),
        async (all, [factor, hopMs], restartEvery) => {
          const sizeMs = factor * hopMs;
          await using driver = created(sums(sizeMs, hopMs));
          await piped(driver, all, restartEvery);
          const closed = closedOf(driver);
          const found = new Map(closed.map(({ key, startMs, sum }) => [`${key}@${startMs}`, sum]));
          expect(closed).toHaveLength(found.size);
          expect(found).toEqual(plainly(all, sizeMs, hopMs));
          const times = new Map<number, number>();
          for (const id of closed.flatMap((window) => window.ids)) times.set(id, (times.get(id) ?? 0) + 1);
          expect([...times]).toHaveLength(all.length);
          expect(new Set(times.values())).toEqual(new Set([factor]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leave no state once they have closed', async () => {
    await fc.assert(
      fc.asyncProperty(facts, shape, async (all, [factor, hopMs]) => {
        await using driver = created(sums(factor * hopMs, hopMs));
        await piped(driver, all, 1000);
        const state = new Map(driver.changelog('windows').map(({ key, value }) => [key, value]));
        const left = [...state].filter(
          ([key, value]) => value !== null && key !== 'closed' && !key.endsWith(' end'),
        );
        expect(left).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('drop a record for which every window has closed as late, also after a restart', async () => {
    await using driver = created(sums(100, 100));
    const fact = (eventTimeMs: number) => pipedOf({ id: 1, key: 'a', amount: 1, eventTimeMs });
    await driver.pipe([fact(10), fact(100 + maxOutOfOrderMs)]);
    expect(closedOf(driver)).toEqual([{ key: 'a', startMs: 0, sum: 1, ids: [1] }]);
    await driver.pipe([fact(99)]);
    expect(driver.status().stages[0]?.dropped).toEqual({ windowed: 2, late: 1 });
    await driver.restart();
    await driver.pipe([fact(99)]);
    expect(driver.status().stages[0]?.dropped).toEqual({ late: 1 });
    expect(closedOf(driver)).toHaveLength(1);
  });

  it('stay open for the allowed lateness', async () => {
    await using driver = created(sums(100, 100, 40));
    const fact = (eventTimeMs: number) => pipedOf({ id: 1, key: 'a', amount: 1, eventTimeMs });
    await driver.pipe([fact(10), fact(139 + maxOutOfOrderMs)]);
    await driver.pipe([fact(20), fact(140 + maxOutOfOrderMs)]);
    expect(closedOf(driver)).toEqual([{ key: 'a', startMs: 0, sum: 2, ids: [1, 1] }]);
  });

  it('count a late record in those sliding windows that are still open', async () => {
    await using driver = created(sums(100, 50));
    const fact = (id: number, eventTimeMs: number) => pipedOf({ id, key: 'a', amount: 1, eventTimeMs });
    await driver.pipe([fact(1, 100 + maxOutOfOrderMs)]);
    await driver.pipe([fact(2, 60), flush]);
    const counting = closedOf(driver).filter((window) => window.ids.includes(2));
    expect(counting).toEqual([{ key: 'a', startMs: 50, sum: 1, ids: [2] }]);
  });

  it('refuse lengths that their distance does not divide', () => {
    expect(() => sums(100, 30)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => sums(100, 0)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  });
});
