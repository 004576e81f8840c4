import { expect, it } from 'vitest';

import { deadLetter, drop, emit, type Stage } from '../stage.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 2. Stages and outcomes
//
// A stage is one step and is named by a verb. It declares what it reads and what it adds, and for each record
// it returns an outcome: `emit` (on to the next stage), `drop` (it ends here, counted under a reason) or
// `deadLetter` (it cannot be processed and is kept for people to look at). Outcomes are data, not exceptions.

const dust = drop('dust');
const impossible = deadLetter('WEIGHT_NEGATIVE');

const judge: Stage = {
  name: 'judge',
  reads: ['grams'],
  adds: [],
  // `open` is called once for each partition. Places of fields are looked up here, not once a record.
  open: ({ field }) => {
    const grams = field('grams');
    return {
      process: (record) => {
        const found = record.number(grams);
        if (found < 0) return impossible;
        return found < 1 ? dust : emit;
      },
    };
  },
};

it('counts what becomes of each record, by stage', async () => {
  const topology = from('judged', { topics: ['scales'], format: scales })
    .through(weigh)
    .through(judge)
    .to(kitchenOutput)
    .build();
  await using driver = createTestDriver(topology);
  await driver.pipe([weighs('s', 120), weighs('s', 0), weighs('s', 0.5), weighs('s', -3)]);

  // Each stage counts by itself: what `weigh` dropped never reached `judge`.
  expect(driver.status().stages).toMatchObject([
    { name: 'weigh', recordsIn: 4, emitted: 3, dropped: { empty: 1 }, deadLetters: 0 },
    { name: 'judge', recordsIn: 3, emitted: 1, dropped: { dust: 1 }, deadLetters: 1 },
  ]);
  expect(driver.outputs()).toHaveLength(1);
});

it('gives a stage only the fields it declared', () => {
  // Otherwise the declaration, and with it the drawing and the checks, would be worth nothing.
  const sneaky: Stage = { ...judge, name: 'sneak', reads: [], open: judge.open };
  const topology = from('sneaky', { topics: ['scales'], format: scales })
    .through(weigh)
    .through(sneaky)
    .to(kitchenOutput)
    .build();
  const driver = createTestDriver(topology);
  return expect(driver.pipe([weighs('s', 1)])).rejects.toThrow("asks for the field 'grams'");
});
