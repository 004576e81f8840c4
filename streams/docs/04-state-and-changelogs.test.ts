import { expect, it } from 'vitest';

import { createKeyedState } from '../keyed-state.ts';
import { emit, type Stage } from '../stage.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 4. State and changelogs
//
// A stage may remember. Its state lives in memory, one for each partition, and is kept in a changelog: a topic
// of its own, to which what changed is written in the same transaction as the outputs it caused.

const accumulate: Stage = {
  name: 'accumulate',
  reads: ['grams'],
  adds: [],
  // `compact`: the log may forget all but the last record of each key.
  changelog: { topic: 'sums', cleanup: 'compact' },
  open: ({ field, clock }) => {
    const grams = field('grams');
    const sums = createKeyedState<number>({ clock });
    return {
      process: (record) => {
        const sum = (sums.get(record.key) ?? 0) + record.number(grams);
        sums.put(record.key, sum);
        record.set(grams, sum);
        return emit;
      },
      // The engine asks once before each commit, and gives every changelog record back after a restart.
      changes: () => sums.changes(),
      restore: (record) => sums.restore(record),
    };
  },
};

const topology = from('sums', { topics: ['scales'], format: scales })
  .through(weigh)
  .through(accumulate)
  .to(kitchenOutput)
  .build();

it('writes a key once a batch, however often it changed', async () => {
  await using driver = createTestDriver(topology);
  await driver.pipe([weighs('s', 1), weighs('s', 2), weighs('s', 3)]);
  expect(driver.changelog('sums').map(({ key, json }) => [key, json])).toEqual([['s', 6]]);
});

it('goes on after a restart where it left off', async () => {
  await using driver = createTestDriver(topology);
  await driver.pipe([weighs('s', 1)]);
  // Everything in memory is thrown away here; the next record finds the state read back from the changelog.
  await driver.restart();
  await driver.pipe([weighs('s', 2)]);
  expect(driver.outputs().map(({ json }) => (json as { grams: number }).grams)).toEqual([1, 3]);
});
