import { expect, it } from 'vitest';

import { enrichedEvent } from '../../conformance/enriched-events.ts';
import { samplesOf } from './side-records.ts';

const metrics = (samples: unknown, given: object = {}) =>
  samplesOf(
    enrichedEvent(1, { deviceId: 'd', sourceType: 'openframe.metrics', data: { samples }, ...given }),
  );

it('puts each series once into a row, and what comes again into the next', () => {
  const cpu = (value: number, labels: object) => ({ name: 'cpu', value, unit: '1', labels });
  const rows = metrics([
    cpu(1, { a: 'x', b: 'y' }),
    cpu(2, { b: 'y', a: 'x' }),
    cpu(3, {}),
    cpu(4, { a: 'x', b: 'y' }),
  ]);
  expect(rows.map(({ part, vals }) => [part, vals])).toEqual([
    [0, [1, 3]],
    [1, [2]],
    [2, [4]],
  ]);
  expect(rows[0]?.series).toEqual(['["cpu",[["a","x"],["b","y"]]]', '["cpu",[]]']);
});

it('keeps rows short, whatever an event brings, and the same rows each time', () => {
  const samples = Array.from({ length: 2500 }, (_, n) => ({ name: `m${n % 1700}`, value: n, unit: '1' }));
  const rows = metrics(samples);
  expect(rows.flatMap((row) => row.vals).sort((a, b) => a - b)).toEqual(samples.map((s) => s.value));
  for (const { names, series, vals } of rows) {
    expect(new Set(series).size).toBe(series.length);
    expect([names.length, vals.length]).toEqual([series.length, series.length]);
    expect(series.length).toBeLessThanOrEqual(1000);
  }
  expect(metrics(samples)).toEqual(rows);
});

it('has none of an event without a device, or of another type', () => {
  const sample = { name: 'cpu', value: 1, unit: '1' };
  expect(metrics([sample])).toHaveLength(1);
  expect(metrics([sample], { deviceId: undefined })).toEqual([]);
  expect(metrics([sample], { sourceType: 'openframe.log' })).toEqual([]);
  expect(metrics([{ ...sample, value: Infinity }, { value: 1 }, null])).toEqual([]);
});
