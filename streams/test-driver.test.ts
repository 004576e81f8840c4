import { describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import type { RecordView } from './record.ts';
import { deadLetter, drop, emit, type Stage } from './stage.ts';
import { createTestDriver } from './test-driver.ts';
import { from } from './topology.ts';

const format = {
  headers: { device: { name: 'device', kind: 'text' } },
  value: { name: 'data', kind: 'json' },
} as const;
const output = {
  topic: 'out',
  partitionBy: 'same',
  value: [
    { name: 'device', kind: 'text' },
    { name: 'data', kind: 'json' },
  ],
} as const;

function stage(name: string, process: (data: string, record: RecordView) => ReturnType<typeof drop>): Stage {
  return {
    name,
    reads: ['data'],
    adds: [],
    open: (opening) => {
      const data = opening.field('data');
      return { process: (record) => process(record.text(data), record) };
    },
  };
}

const sort = stage('sort', (data) => {
  if (data === '"drop"') return drop('unwanted');
  if (data === '"bad"') return deadLetter('BAD');
  if (data === '"throw"') throw new Error('cannot');
  return emit;
});

const topology = from('sorting', { topics: ['in'], format })
  .through(sort)
  .to(output)
  .build();
const piped = (value: unknown, key = 'k') => ({ key, value, eventTimeMs: 5, headers: { device: 'd1' } });

describe.each(['bytes', 'objects'] as const)('test driver on %s', (recordsAs) => {
  it('has committed what it was given when pipe resolves', async () => {
    await using driver = createTestDriver(topology, { recordsAs });
    await driver.pipe([piped({ a: 1 }), piped('"drop"'), piped('"bad"'), piped('"throw"'), piped({ a: 2 })]);
    expect(driver.outputs().map((o) => o.json)).toEqual([
      { device: 'd1', data: { a: 1 } },
      { device: 'd1', data: { a: 2 } },
    ]);
    expect(driver.deadLetters().map((l) => [l.stage, l.reason, l.error, l.offset])).toEqual([
      ['sort', 'BAD', null, 2],
      ['sort', 'STAGE_FAILED', 'cannot', 3],
    ]);
    expect(driver.status().stages[0]).toMatchObject({
      recordsIn: 5,
      emitted: 2,
      dropped: { unwanted: 1 },
      deadLetters: 2,
    });
  });

  it.each(['refused', 'lostAnswer'] as const)('repeats a %s commit without loss or doubles', async (how) => {
    await using driver = createTestDriver(topology, { recordsAs, maxRecords: 2 });
    driver.failCommits(3, how);
    await driver.pipe([piped(1), piped(2), piped('"bad"')]);
    await driver.pipe([piped(3)]);
    expect(driver.outputs().map((o) => (o.json as { data: number }).data)).toEqual([1, 2, 3]);
    expect(driver.deadLetters()).toHaveLength(1);
  });

  it('rejects when the topology stops, and says why', async () => {
    await using driver = createTestDriver(topology, {
      recordsAs,
      deadLetterLimit: { share: 0.5, minRecords: 1 },
    });
    await expect(driver.pipe([piped('"bad"')])).rejects.toThrow(/1 of its last 1 records/);
    expect(driver.deadLetters()).toEqual([]);
  });

  it('gives up on a topology that repeats for ever', async () => {
    const away = stage('away', () => {
      throw new OpenFrameError('STORE_UNAVAILABLE', 'never there', { retryable: true });
    });
    const stuck = from('stuck', { topics: ['in'], format })
      .through(away)
      .to(output)
      .build();
    await using driver = createTestDriver(stuck, { recordsAs });
    await expect(driver.pipe([piped(1)])).rejects.toThrow('never there');
  });

  it('spreads records over partitions by key and keeps their order in each', async () => {
    await using driver = createTestDriver(topology, { recordsAs, partitions: 4 });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await driver.pipe([0, 1, 2].flatMap((n) => keys.map((key) => piped(n, key))));
    const partitions = new Set(driver.outputs().map((o) => o.partition));
    expect(partitions.size).toBeGreaterThan(1);
    for (const key of keys) {
      const values = driver.outputs().filter((o) => o.key === key);
      expect(values.map((o) => (o.json as { data: number }).data)).toEqual([0, 1, 2]);
    }
  });

  it('moves its clock on to the newest event', async () => {
    await using driver = createTestDriver(topology, { recordsAs });
    await driver.pipe([piped(1)]);
    expect(driver.clock.nowMs()).toBe(5);
    await driver.advanceTime(10);
    expect(driver.clock.nowMs()).toBe(15);
  });
});
