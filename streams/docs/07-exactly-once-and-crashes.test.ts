import { expect, it } from 'vitest';

import { mutations } from '../simulation/mutations.ts';
import { simulate } from '../simulation/simulate.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 7. Exactly once, and crashes
//
// Outputs, dead letters, state and consumed offsets of a batch are one transaction: all of it happened, or none.
// After any fault the partition's memory is thrown away, since it may be ahead of the log, and is read back.

const topology = from('weights', { topics: ['scales'], format: scales })
  .through(weigh)
  .to(kitchenOutput)
  .build();
const gramsOf = (driver: ReturnType<typeof createTestDriver>) =>
  driver.outputs().map(({ json }) => (json as { grams: number }).grams);

it('repeats a batch whose commit was refused', async () => {
  await using driver = createTestDriver(topology);
  driver.failCommits(2, 'refused');
  await driver.pipe([weighs('s', 1), weighs('s', 2)]);
  expect(gramsOf(driver)).toEqual([1, 2]);
});

it('does not repeat a batch whose commit took effect although it seemed to fail', async () => {
  // The hard case: the log committed, then the connection broke. Reading resumes where the log says that the
  // group is, not where memory thinks it is, so the batch is not processed again.
  await using driver = createTestDriver(topology);
  driver.failCommits(1, 'lostAnswer');
  await driver.pipe([weighs('s', 1), weighs('s', 2)]);
  await driver.pipe([weighs('s', 3)]);
  expect(gramsOf(driver)).toEqual([1, 2, 3]);
});

it('survives worlds in which everything goes wrong', async () => {
  // The simulation runs this very code in small worlds. One seed decides in which order requests complete, which
  // fail, whose answers get lost, when processes die and partitions move. Nothing may be lost or doubled.
  for (let seed = 1; seed <= 20; seed++) expect((await simulate(seed)).violations).toEqual([]);
});

it('would notice if the order of the commit were wrong', async () => {
  // State that is durable before the outputs it caused turns a crash into loss.
  const mutate = mutations['state before outputs'];
  if (mutate === undefined) throw new Error('there is no such mutation');
  let found = false;
  for (let seed = 1; seed <= 50 && !found; seed++)
    found = (await simulate(seed, { mutate })).violations.length > 0;
  expect(found).toBe(true);
});
