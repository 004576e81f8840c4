import { expect, it } from 'vitest';

import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { windowed } from '../windows.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 5. Windows and watermarks
//
// Records carry the time at which something happened. They come out of order, so a window of that time cannot
// close when the clock says so, but when the watermark does: the time that all further records are thought to
// lie behind. It stays a fixed distance behind the newest event of the partition and never goes back.

const aSecond = windowed<number>({
  name: 'sum-a-second',
  sizeMs: 1000,
  changelogTopic: 'windows',
  reads: ['grams', 'kitchen'],
  gives: [],
  open: ({ field }) => {
    const grams = field('grams');
    return {
      keyOf: (record) => record.key,
      add: (sum = 0, record) => sum + record.number(grams),
      close: (_key, _window, sum) => ({ grams: sum }),
    };
  },
});

const topology = from('a-second', { topics: ['scales'], format: scales })
  .through(weigh)
  .through(aSecond)
  .to(kitchenOutput)
  .build();
const watermark = { maxOutOfOrderMs: 200, idleAfterMs: 5000 };

it('closes a window when the watermark has passed its end', async () => {
  await using driver = createTestDriver(topology, { watermark });
  await driver.pipe([weighs('s', 1, 900), weighs('s', 2, 1100), weighs('s', 4, 950)]);
  // The newest event is of 1100, so event time has come to 900: the first second is still open.
  expect(driver.outputs()).toEqual([]);

  await driver.pipe([weighs('s', 8, 1200)]);
  // Now it has come to 1000. The window gives one record, dated at its last millisecond.
  expect(driver.outputs()).toMatchObject([{ key: 's', eventTimeMs: 999, json: { grams: 5 } }]);
});

it('drops and counts what comes too late', async () => {
  await using driver = createTestDriver(topology, { watermark });
  await driver.pipe([weighs('s', 1, 900), weighs('s', 2, 1200)]);
  await driver.pipe([weighs('s', 4, 999)]);
  expect(driver.status().stages[1]?.dropped).toEqual({ windowed: 2, late: 1 });
});

it('closes a window once, also across a restart', async () => {
  await using driver = createTestDriver(topology, { watermark });
  await driver.pipe([weighs('s', 1, 900), weighs('s', 2, 1200)]);
  await driver.restart();
  // What has closed is part of the window's state: this record does not open the first second again.
  await driver.pipe([weighs('s', 4, 999), weighs('s', 8, 2200)]);
  expect(driver.outputs().map(({ json }) => json)).toEqual([{ grams: 1 }, { grams: 2 }]);
});
