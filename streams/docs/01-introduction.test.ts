import { expect, it } from 'vitest';

import { createTestDriver } from '../test-driver.ts';
import { drawTopology, from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 1. Introduction
//
// A topology says how records flow: from a source, through stages, to an output. It is data. Building one
// opens nothing and starts nothing; it only checks that every field a stage reads is given before.

const weights = from('weights', { topics: ['scales'], format: scales })
  .through(weigh)
  .to(kitchenOutput)
  .build();

it('draws a topology, since it is data', () => {
  // The drawing is a Mermaid flowchart: paste it into any Markdown file.
  expect(drawTopology(weights)).toBe(
    ['flowchart LR', '  in0[("scales")] --> s0', '  s0["weigh"] --> out', '  out[("weights")]'].join('\n'),
  );
});

it('runs it without a broker', async () => {
  // The test driver runs the production engine over a log in memory. When `pipe` resolves, the records have
  // been processed and committed, so a test asserts at once.
  await using driver = createTestDriver(weights);
  await driver.pipe([weighs('scale-1', 120), weighs('scale-1', 0)]);
  expect(driver.outputs().map((output) => output.json)).toEqual([{ kitchen: 'north', grams: 120 }]);
});

it('refuses a topology that cannot run, with all its faults', () => {
  // Without `weigh` nothing gives the grams that the output writes. This is found before anything runs.
  const build = () =>
    from('broken', { topics: ['scales'], format: scales })
      .to(kitchenOutput)
      .build();
  expect(build).toThrow("it writes 'grams', which nothing gives");
});
