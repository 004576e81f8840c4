import { expect, it } from 'vitest';

import { createKeyedState } from './keyed-state.ts';
import { createRandom } from './random.ts';
import { RecordBatchBuilder } from './record-batch.ts';
import { restoreStages } from './restore-stages.ts';
import { type Changelog, emit, type Stage } from './stage.ts';
import { stateFormatOf, withFormat } from './state-format.ts';
import { createTestDriver } from './test-driver.ts';
import { from, lintTopology } from './topology.ts';

/** Counts records by key; `seen` is told in which format each record of the changelog was. */
function counting(format: number | undefined, seen: number[] = [], reads?: number): Stage {
  const changelog: Changelog = {
    ...{ topic: 'counts', cleanup: 'compact' },
    ...(format === undefined ? {} : { format }),
    ...(reads === undefined ? {} : { reads }),
  };
  return {
    ...{ name: 'count', reads: [], adds: [], changelog },
    open: ({ clock }) => {
      const counts = createKeyedState<number>({ clock });
      return {
        process: ({ key }) => {
          counts.put(key, (counts.get(key) ?? 0) + 1);
          return emit;
        },
        changes: () => counts.changes(),
        restore: (record) => {
          seen.push(stateFormatOf(record));
          counts.restore(record);
        },
      };
    },
  };
}

function topologyOf(stage: Stage) {
  const format = { headers: {}, value: { name: 'data', kind: 'text' } } as const;
  return from('test', { topics: ['in'], format })
    .through(stage)
    .to({ topic: 'out', partitionBy: 'same', value: 'as-is' })
    .build();
}

/** Restores what versions wrote one after the other, as one that writes `known`, and reads that or more. */
async function restored(written: readonly number[], known: number, reads?: number) {
  const builder = new RecordBatchBuilder();
  for (const format of written) {
    const change = { key: `k${format}`, value: '1', timestampMs: 0 };
    builder.appendRecord(withFormat(change, { topic: 'counts', cleanup: 'compact', format }));
  }
  const batch = builder.finish();
  const log = {
    async *readAll() {
      await Promise.resolve();
      yield batch;
    },
  };
  const seen: number[] = [];
  const stage = counting(known, seen, reads);
  await using driver = createTestDriver(topologyOf(stage));
  const task = stage.open({
    ...{ partition: 0, clock: driver.clock },
    random: createRandom(1),
    field: () => {
      throw new Error('it has none');
    },
    emit: () => undefined,
    sentBy: () => undefined,
  });
  await restoreStages([stage], [task], { partition: 0, log, stopwatchMs: () => 0 });
  return seen;
}

it('reads state of the formats before its own, and says which each was', async () => {
  expect(await restored([1, 2], 2)).toEqual([1, 2]);
});

it('reads a format that it does not write yet, so that one may go back to it', async () => {
  expect(await restored([1, 2, 1], 1, 2)).toEqual([1, 2, 1]);
  await expect(restored([1, 3], 1, 2)).rejects.toMatchObject({ code: 'DATA_FOLDER_TOO_NEW' });
  expect(lintTopology(topologyOf(counting(1, [], 2)))).toEqual([]);
  expect(() => topologyOf(counting(3, [], 2))).toThrow(/writes format 3 of its state and reads 2 at most/);
});

it('refuses state of a newer version, and says what to run', async () => {
  await expect(restored([1, 2], 1)).rejects.toMatchObject({
    code: 'DATA_FOLDER_TOO_NEW',
    retryable: false,
    message: expect.stringMatching(/counts holds state of format 2, and this version knows 1: run/) as string,
  });
});

it('says its format with each change, where it is not the first', async () => {
  for (const format of [undefined, 1, 2]) {
    const seen: number[] = [];
    await using driver = createTestDriver(topologyOf(counting(format, seen)));
    await driver.pipe([{ key: 'k', value: 'x', eventTimeMs: 1 }]);
    expect(driver.changelog('counts').map(({ headers }) => headers)).toEqual(
      format === 2 ? [{ stateformat: '2' }] : [{}],
    );
    await driver.restart();
    await driver.pipe([{ key: 'k', value: 'x', eventTimeMs: 1 }]);
    expect(seen).toEqual([format ?? 1]);
  }
});
