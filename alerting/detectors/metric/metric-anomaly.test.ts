import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createRandom } from '../../../streams/random.ts';
import type { Detection } from '../../detector.ts';
import { createMetricAnomaly } from './metric-anomaly.ts';

const detector = createMetricAnomaly();
const everyMs = 300_000;

function run(values: readonly number[], state = detector.create(), from = 0): readonly (Detection | null)[] {
  return values.map((value, i) => detector.observe(state, { timeMs: (from + i) * everyMs, value }));
}

const noise = (count: number, seed: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => 50 + random.next() + random.next());
};

/** From values that devices send, and some that they should not. */
const values = fc.array(
  fc.oneof(
    fc.double({ min: -1e9, max: 1e9 }),
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324),
  ),
  { maxLength: 60 },
);

it('restores to a state that answers the same, wherever it is cut', () => {
  fc.assert(
    fc.property(values, fc.nat({ max: 400 }), fc.nat(), (odd, cut, seed) => {
      const series = [...noise(350, seed), ...odd];
      const straight = run(series);
      const state = detector.create();
      const before = run(series.slice(0, cut), state);
      const restored = detector.restore(detector.serialise(state));
      expect([...before, ...run(series.slice(cut), restored, before.length)]).toEqual(straight);
    }),
    { numRuns: 20 },
  );
});

it('scores a value by what came before alone', () => {
  const series = [...noise(300, 1), 90, ...noise(50, 2)];
  expect(run(series).slice(0, 301)).toEqual(run(series.slice(0, 301)));
});

it('finds a spike in noise at once, once', () => {
  const found = run([...noise(600, 3), 80, ...noise(40, 4)]).map((detection, i) => ({ ...detection, i }));
  const sure = found.filter(({ score }) => (score ?? 0) >= 0.9);
  expect(sure).toMatchObject([{ i: 600, kind: 'spike', reason: { values: { value: 80 } } }]);
});

it('stays silent on a pattern that repeats', () => {
  const days = Array.from({ length: 288 * 10 }, (_, i) => Math.sin((2 * Math.PI * i) / 288));
  const later = run(days).slice(288 * 2);
  expect(later.filter((detection) => detection !== null && detection.score >= 0.5)).toEqual([]);
});

it('finds a missing daily peak in a pattern that repeats', () => {
  const day = (i: number): number => (i % 288 < 200 ? 10 : 60) + (i % 7) / 10;
  const series = Array.from({ length: 288 * 8 }, (_, i) => (i >= 288 * 7 + 200 ? 30 + (i % 5) : day(i)));
  const found = run(series).slice(288 * 7);
  expect(found.some((detection) => (detection?.score ?? 0) >= 0.5)).toBe(true);
});

it('says that a series which never moved has moved', () => {
  const found = run([...Array.from({ length: 400 }, () => 0), 1]);
  expect(found.at(-1)).toMatchObject({ kind: 'shift', reason: { summary: 'first change ever, to 1' } });
});

it('takes NaN and infinities for not measured', () => {
  const clean = noise(400, 5);
  const holes = clean.flatMap((value, i) => (i % 10 === 0 ? [NaN, value] : [value]));
  const scores = (found: readonly (Detection | null)[]): readonly number[] =>
    found.flatMap((d) => d?.score ?? []);
  expect(scores(run(holes))).toEqual(scores(run(clean)));
});

it('stays in bounds whatever comes: state under 25 KB, scores in (0, 1]', () => {
  fc.assert(
    fc.property(values, fc.nat(), (odd, seed) => {
      const state = detector.create();
      const scores = run([...odd, ...noise(700, seed), ...odd], state).flatMap((d) => d?.score ?? []);
      expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
      expect(detector.serialise(state).length).toBeLessThan(25_000);
    }),
    { numRuns: 20 },
  );
});

it('still judges after a value near the end of the number range', () => {
  const state = detector.create();
  run([...noise(400, 6), 1e308, -1e308], state);
  run(noise(20_000, 7), state);
  const found = run([5000], state);
  expect(Number.isNaN(found[0]?.score ?? 0)).toBe(false);
  expect(detector.restore(detector.serialise(state)).range.span).toBeGreaterThan(0);
});

it('names bytes that are no state of its own', () => {
  const bytes = detector.serialise(detector.create());
  expect(() => detector.restore(bytes.subarray(0, 40))).toThrow(/cannot be read back/);
  expect(() => detector.restore(new Uint8Array(0))).toThrow(/cannot be read back/);
  expect(() => detector.restore(Uint8Array.from([...bytes, 0]))).toThrow(/cannot be read back/);
});
