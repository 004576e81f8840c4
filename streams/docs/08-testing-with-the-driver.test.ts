import { expect, it } from 'vitest';

import { RecordBatchBuilder } from '../record-batch.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { kitchenOutput, scales, weigh, weighs } from './story.ts';

// Chapter 8. Testing with the driver
//
// A test of a topology needs no broker, no sleep and no clock of the machine. The driver owns time: it stands
// still until a record of a later time is piped, or until the test lets it pass.

const topology = from('weights', { topics: ['scales'], format: scales })
  .through(weigh)
  .to(kitchenOutput)
  .build();

it('lets the test own time', async () => {
  await using driver = createTestDriver(topology, { startMs: 1000 });
  await driver.pipe([weighs('s', 1, 5000)]);
  expect(driver.clock.nowMs()).toBe(5000);
  await driver.advanceTime(60_000);
  expect(driver.clock.nowMs()).toBe(65_000);
});

it('spreads records over partitions as the log would', async () => {
  // State never leaves a partition, so a stage that wrongly counts across keys fails with more than one.
  await using driver = createTestDriver(topology, { partitions: 4 });
  await driver.pipe(Array.from({ length: 20 }, (_, i) => weighs(`scale-${i}`, 1)));
  expect(new Set(driver.outputs().map((output) => output.partition)).size).toBe(4);
});

it('takes any bytes that a log could hold', async () => {
  // `pipeBytes` is for what objects cannot say: here a record without a key.
  const builder = new RecordBatchBuilder();
  builder.appendRecord({ key: null, value: '{"grams":3}', timestampMs: 1 });
  await using driver = createTestDriver(topology);
  await driver.pipeBytes(builder.finish());
  expect(driver.outputs()).toMatchObject([{ key: '', json: { grams: 3 } }]);
});

it('rejects when the topology stops, so that a test cannot miss it', async () => {
  await using driver = createTestDriver(topology, { deadLetterLimit: { share: 0, minRecords: 1 } });
  await expect(driver.pipe([weighs('s', 1), { key: 's', value: '{', eventTimeMs: 1 }])).rejects.toThrow(
    'stopped',
  );
});
