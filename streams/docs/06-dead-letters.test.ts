import { expect, it } from 'vitest';

import type { Stage } from '../stage.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 6. Dead letters
//
// Nothing vanishes quietly. A record on which a stage throws, or that it refuses, is written to the dead letters
// with its bytes, its headers, the stage and the reason, in the transaction that consumes it.

const topology = from('weights', { topics: ['scales'], format: scales })
  .through(weigh)
  .to(kitchenOutput)
  .build();
const broken = { key: 's', value: 'not JSON', eventTimeMs: 1, headers: { kitchen: 'north' } };

it('keeps the record that cannot be processed, and goes on with the next', async () => {
  await using driver = createTestDriver(topology);
  await driver.pipe([weighs('s', 1), broken, weighs('s', 2)]);
  expect(driver.outputs()).toHaveLength(2);

  const [letter] = driver.deadLetters();
  expect(letter).toMatchObject({ stage: 'weigh', reason: 'STAGE_FAILED', topic: 'scales', offset: 1 });
  expect(letter?.headers).toEqual({ kitchen: 'north' });
  expect(Buffer.from(letter?.value ?? '', 'base64').toString()).toBe('not JSON');
});

it('stops when too many records fail, with nothing of that batch committed', async () => {
  // One bad record is the record's fault; every second one is a bad deploy. The records wait in the log until
  // the stage is mended, instead of ending up in the dead letters.
  await using driver = createTestDriver(topology, { deadLetterLimit: { share: 0.4, minRecords: 2 } });
  await expect(driver.pipe([weighs('s', 1), broken])).rejects.toThrow('1 of its last 2 records could not be');
  expect(driver.deadLetters()).toEqual([]);
  expect(driver.outputs()).toEqual([]);
});

it('goes on without one sender whose records fail, where a stage says who sent them', async () => {
  // A sender that sends rubbish must not stop the others. Several that fail at once are a bad deploy again.
  const weighOfKitchen: Stage = {
    ...weigh,
    name: 'weigh-of-kitchen',
    reads: [...weigh.reads, 'kitchen'],
    open: (opening) => {
      const kitchen = opening.field('kitchen');
      const task = weigh.open(opening);
      return {
        process(record) {
          opening.sentBy(record.text(kitchen));
          return task.process(record);
        },
      };
    },
  };
  const byKitchen = from('weights', { topics: ['scales'], format: scales })
    .through(weighOfKitchen)
    .to(kitchenOutput)
    .build();
  await using driver = createTestDriver(byKitchen, { deadLetterLimit: { share: 0.4, minRecords: 2 } });
  const south = { kitchen: 'south' };
  await driver.pipe([broken, broken, broken, { ...weighs('s', 1), headers: south }]);
  expect(driver.outputs()).toHaveLength(1);
  expect(driver.deadLetters().map(({ sender }) => sender)).toEqual(['north', 'north', 'north']);
  const southToo = { ...broken, headers: south };
  await expect(driver.pipe([southToo, southToo])).rejects.toThrow('They come from 2 of 2 senders');
});
