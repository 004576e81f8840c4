import { expect, it } from 'vitest';

import { emit, type Stage } from '../stage.ts';
import { createTestDriver } from '../test-driver.ts';
import { from } from '../topology.ts';
import { scales, weighs } from './story.ts';

// Chapter 3. Reading bytes
//
// On the hot path a batch is the bytes that came from the log, and a record is a view that moves over them.
// A field is a range of those bytes until somebody asks for it as text, as a number or as JSON; fields that
// nobody asks for are copied to the output without ever being parsed.

const label: Stage = {
  name: 'label',
  reads: ['kitchen'],
  adds: [{ name: 'length', kind: 'number' }],
  open: ({ field }) => {
    const [kitchen, length] = [field('kitchen'), field('length')];
    return {
      process: (record) => {
        // `range` gives the bytes themselves. The object is overwritten by the next call: use it at once.
        const { start, end } = record.range(kitchen);
        record.set(length, end - start);
        return emit;
      },
    };
  },
};

const topology = from('labels', { topics: ['scales'], format: scales })
  .through(label)
  .to({
    topic: 'labels',
    partitionBy: 'same',
    value: [
      { name: 'kitchen', kind: 'text' },
      { name: 'length', kind: 'number' },
      { name: 'reading', kind: 'json' },
    ],
    addHeaders: { length: 'length' },
  })
  .build();

it.each(['bytes', 'objects'] as const)('gives the same on %s', async (recordsAs) => {
  // The driver runs a topology on bytes, as production does, or on objects. Both give equal results; a property
  // test of the engine holds them to it.
  await using driver = createTestDriver(topology, { recordsAs });
  await driver.pipe([weighs('s', 7, 1, { kitchen: 'Küche "1"' })]);
  const [output] = driver.outputs();

  // Text is escaped on its way into the JSON; JSON is copied as it came.
  expect(output?.json).toEqual({ kitchen: 'Küche "1"', length: 10, reading: { grams: 7 } });

  // Headers that came in stay; the output's own come behind them.
  expect(output?.headers).toEqual({ kitchen: 'Küche "1"', length: '10' });
});
