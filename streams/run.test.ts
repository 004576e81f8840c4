import { describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import { createKeyedState } from './keyed-state.ts';
import { emit, type Stage } from './stage.ts';
import { createTestDriver } from './test-driver.ts';
import { from, type Topology } from './topology.ts';

const format = { headers: {}, value: { name: 'data', kind: 'text' } } as const;
const numbered = [
  { name: 'data', kind: 'text' },
  { name: 'number', kind: 'number' },
] as const;

/** Numbers records within their key, so that a double or a loss shows; `look` may throw first. */
function number(look: (data: string) => void = () => {}): Stage {
  return {
    name: 'number',
    reads: ['data'],
    adds: [{ name: 'number', kind: 'number' }],
    changelog: { topic: 'counts', cleanup: 'compact' },
    open: ({ field, clock }) => {
      const [data, count] = [field('data'), field('number')];
      const counts = createKeyedState<number>({ clock });
      return {
        process: (record) => {
          look(record.text(data));
          counts.put(record.key, (counts.get(record.key) ?? 0) + 1);
          record.set(count, counts.get(record.key) ?? 0);
          return emit;
        },
        changes: () => counts.changes(),
        restore: (record) => counts.restore(record),
      };
    },
  };
}

function topologyOf(...stages: readonly Stage[]): Topology {
  return stages
    .reduce((built, stage) => built.through(stage), from('test', { topics: ['in'], format }))
    .to({ topic: 'out', partitionBy: 'same', value: numbered })
    .build();
}

const piped = (...texts: string[]) => texts.map((value) => ({ key: 'k', value, eventTimeMs: 1 }));
const retryable = () => new OpenFrameError('STORE_UNAVAILABLE', 'It is away.', { retryable: true });

describe('a topology run', () => {
  it('says what it read back from its changelogs, and nothing where it has none', async () => {
    await using driver = createTestDriver(topologyOf(number()));
    await driver.pipe([...piped('a', 'b'), { key: 'other', value: 'c', eventTimeMs: 1 }]);
    expect(driver.status().restored).toMatchObject({ partitions: 1, records: 0, entries: 0 });
    await driver.restart();
    await driver.pipe(piped('d'));
    expect(driver.status().restored).toMatchObject({ partitions: 1, records: 2, entries: 2 });
    expect(driver.status().restored?.sizeBytes).toBeGreaterThan(0);
    const stateless: Stage = {
      name: 'number',
      reads: [],
      adds: [{ name: 'number', kind: 'number' }],
      open: () => ({ process: () => emit }),
    };
    await using without = createTestDriver(topologyOf(stateless));
    await without.pipe(piped('a'));
    expect(without.status().restored).toBeUndefined();
  });

  it('dead-letters alone the record on which a stage throws', async () => {
    const look = (data: string): void => {
      if (data === 'bad') throw new Error('cannot read it');
    };
    await using driver = createTestDriver(topologyOf(number(look)));
    await driver.pipe(piped('a', 'bad', 'b'));
    expect(driver.outputs().map(({ json }) => json)).toEqual([
      { data: 'a', number: 1 },
      { data: 'b', number: 2 },
    ]);
    expect(driver.deadLetters()).toMatchObject([{ offset: 1, stage: 'number', error: 'cannot read it' }]);
  });

  it('repeats from the last commit after a retryable fault in the middle of a batch', async () => {
    let faults = 3;
    const look = (data: string): void => {
      if (data === 'b' && faults-- > 0) throw retryable();
    };
    await using driver = createTestDriver(topologyOf(number(look)));
    await driver.pipe(piped('a', 'b', 'c'));
    expect(driver.outputs().map(({ json }) => (json as { number: number }).number)).toEqual([1, 2, 3]);
    expect(driver.status()).toMatchObject({ recordsIn: 3, recordsOut: 3, reason: null });
    expect(driver.status().stages[0]).toMatchObject({ recordsIn: 3, emitted: 3 });
  });

  it('never goes on with state that a failed commit left behind', async () => {
    await using driver = createTestDriver(topologyOf(number()), { maxRecords: 1 });
    for (const how of ['refused', 'lostAnswer'] as const) {
      driver.failCommits(2, how);
      await driver.pipe(piped('a'));
      await driver.pipe(piped('b'));
    }
    expect(driver.outputs().map(({ json }) => (json as { number: number }).number)).toEqual([1, 2, 3, 4]);
  });

  it('stops at the dead-letter limit with the batch uncommitted', async () => {
    const look = (data: string): void => {
      if (data === 'bad') throw new Error('bad');
    };
    const limited = { deadLetterLimit: { share: 0.4, minRecords: 2 } };
    await using driver = createTestDriver(topologyOf(number(look)), limited);
    await expect(driver.pipe(piped('a', 'bad'))).rejects.toThrow(/1 of its last 2 records/);
    expect(driver.outputs()).toEqual([]);
    expect(driver.deadLetters()).toEqual([]);
    expect(driver.status()).toMatchObject({ state: 'stopped', recordsIn: 0 });
  });

  it('does not stop because what was replayed fails once more, and counts it all the same', async () => {
    const look = (data: string): void => {
      if (data === 'bad') throw new Error('bad');
    };
    await using driver = createTestDriver(topologyOf(number(look)), {
      deadLetterLimit: { share: 0.4, minRecords: 2 },
    });
    const replayed = piped('bad', 'bad', 'bad').map((record) => ({ ...record, headers: { replays: '1' } }));
    await driver.pipe(replayed);
    expect(driver.deadLetters()).toHaveLength(3);
    expect(driver.status()).toMatchObject({ recordsIn: 3, deadLetters: 3 });
    await expect(driver.pipe(piped('bad', 'bad', 'bad', 'a'))).rejects.toThrow(/3 of its last 7 records/);
  });

  it('keeps what earlier stages derived from a record on which a later one throws', async () => {
    const deriving: Stage = {
      name: 'derive',
      reads: [],
      adds: [],
      open: (opening) => ({
        process: (record) => {
          if (record.eventTimeMs === 1)
            opening.emit({ key: record.key, eventTimeMs: 2, fields: { data: 'derived' } });
          return emit;
        },
      }),
    };
    const throwing: Stage = {
      name: 'throw',
      reads: ['data'],
      adds: [],
      open: (opening) => {
        const data = opening.field('data');
        return {
          process: (record) => {
            opening.emit({ key: record.key, eventTimeMs: 3, fields: { data: `of ${record.text(data)}` } });
            if (record.text(data) === 'bad') throw new Error('bad');
            return emit;
          },
        };
      },
    };
    await using driver = createTestDriver(topologyOf(deriving, throwing, number()));
    await driver.pipe(piped('bad'));
    expect(driver.outputs().map(({ json }) => (json as { data: string }).data)).toEqual([
      'derived',
      'of derived',
    ]);
    expect(driver.deadLetters()).toHaveLength(1);
  });

  it('dead-letters a derived record with its fields and an identity of its own', async () => {
    const deriving: Stage = {
      name: 'derive',
      reads: [],
      adds: [],
      open: (opening) => ({
        process: () => {
          opening.emit({ key: 'd1', eventTimeMs: 2, fields: { data: 'bad' } });
          opening.emit({ key: 'd2', eventTimeMs: 2, fields: { data: 'bad' } });
          return emit;
        },
      }),
    };
    const look = (data: string): void => {
      if (data === 'bad') throw new Error('bad');
    };
    await using driver = createTestDriver(topologyOf(deriving, number(look)));
    await driver.pipe(piped('a'));
    const letters = driver.deadLetters();
    expect(new Set(letters.map((letter) => letter.deadLetterId)).size).toBe(2);
    expect(Buffer.from(letters[0]?.value ?? '', 'base64').toString()).toBe('{"data":"bad"}');
  });

  it('refuses a derived field that nothing declares', async () => {
    const deriving: Stage = {
      name: 'derive',
      reads: [],
      adds: [],
      open: (opening) => ({
        process: () => {
          opening.emit({ key: 'd', eventTimeMs: 2, fields: { unheardOf: 'x' } });
          return emit;
        },
      }),
    };
    await using driver = createTestDriver(topologyOf(deriving, number()));
    await driver.pipe(piped('a'));
    expect(driver.deadLetters()[0]?.error).toContain("'unheardOf'");
  });

  it('fires timers of a partition that has become idle', async () => {
    const timed: Stage = {
      name: 'time',
      reads: [],
      adds: [],
      open: (opening) => {
        let firedMs = 0;
        return {
          process: () => emit,
          onWatermark: (watermarkMs) => {
            if (watermarkMs < 1000 || firedMs > 0) return;
            firedMs = watermarkMs;
            opening.emit({
              key: 'timer',
              eventTimeMs: watermarkMs,
              fields: { data: `${opening.partition}` },
            });
          },
        };
      },
    };
    const watermark = { maxOutOfOrderMs: 0, idleAfterMs: 100 };
    await using driver = createTestDriver(topologyOf(timed, number()), { partitions: 2, watermark });
    const at = (key: string, eventTimeMs: number) => ({ key, value: 'x', eventTimeMs });
    await driver.pipe([at('a', 1), at('b', 1), at('c', 1), at('d', 1)]);
    const [first, second] = [0, 1].map(
      (p) => driver.outputs().find(({ partition }) => partition === p)?.key ?? '',
    );
    await driver.pipe([at(first ?? '', 2000)]);
    const timers = () =>
      driver
        .outputs()
        .filter(({ key }) => key === 'timer')
        .map(({ partition }) => partition);
    expect([first, second].every((key) => key !== '')).toBe(true);
    expect(timers()).toEqual([0]);
    await driver.pipe([at(first ?? '', 2001)]);
    await driver.advanceTime(50);
    expect(timers()).toEqual([0, 1]);
  });

  it('has committed the batch in hand when stop resolves', async () => {
    const driver = createTestDriver(topologyOf(number()));
    const piping = driver.pipe(piped('a', 'b'));
    await driver[Symbol.asyncDispose]();
    await piping.catch(() => {});
    expect([0, 2]).toContain(driver.outputs().length);
    expect(driver.status()).toMatchObject({ state: 'stopped', reason: 'It was asked to stop.' });
    expect(driver.status().recordsIn).toBe(driver.outputs().length);
  });
});
