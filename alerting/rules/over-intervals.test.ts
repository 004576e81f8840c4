import { expect, it } from 'vitest';

import { createMetricAnomaly } from '../detectors/metric/metric-anomaly.ts';
import { overIntervals } from './over-intervals.ts';

const everyMs = 300_000;
const detector = overIntervals(createMetricAnomaly({ warmUp: 3 }), everyMs);
/** Two values an interval: calm for a while, then far away. */
const values = Array.from({ length: 400 }, (_, i) => ({
  timeMs: 1_700_000_100_000 + (i * everyMs) / 2,
  value: i < 360 ? i % 7 : 10_000,
}));

it('takes what a detector takes only once an interval is over', () => {
  const state = detector.create();
  const young = detector.serialise(state).length;
  for (const value of values.slice(0, 3)) detector.observe(state, value);
  expect(young).toBeLessThan(32);
  expect(detector.serialise(state).length).toBeGreaterThan(young);
});

it('finds the same wherever it was written down and read back', () => {
  const whole = detector.create();
  const found = values.map((value) => detector.observe(whole, value));
  expect(found.some((detection) => detection !== null)).toBe(true);
  for (const cut of [0, 1, 2, 3, 50, 365]) {
    const first = detector.create();
    const before = values.slice(0, cut).map((value) => detector.observe(first, value));
    const second = detector.restore(detector.serialise(first));
    const after = values.slice(cut).map((value) => detector.observe(second, value));
    expect([...before, ...after]).toEqual(found);
  }
});
