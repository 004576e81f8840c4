import { expect, it } from 'vitest';

import { type NabSeries, scoreNab } from './score.ts';

/** 100 rows, 15 of them probationary, and a window of 10 rows at 50 to 59. */
const series = (scored: Readonly<Record<number, number>>): NabSeries => ({
  name: 'a.csv',
  scores: Array.from({ length: 100 }, (_, i) => scored[i] ?? 0),
  windows: [[50, 59]],
});
const standard = (...corpus: readonly NabSeries[]): number | undefined => scoreNab(corpus)?.[0]?.score;
const sigmoid = (position: number): number => 2 / (1 + Math.exp(5 * position)) - 1;

it('gives 100 to a detection at the first row of each window and 0 to silence', () => {
  expect(standard(series({ 50: 1 }))).toBeCloseTo(100);
  expect(standard(series({}))).toBeCloseTo(0);
});

it('counts the earliest detection of a window, by the scaled sigmoid', () => {
  const late = sigmoid(-0.5) / sigmoid(-1);
  expect(standard(series({ 55: 1, 58: 1 }))).toBeCloseTo((100 * (late + 1)) / 2);
});

it('charges a false positive by its distance behind the last window', () => {
  const near = sigmoid(2 / 9) * 0.11;
  expect(standard(series({ 50: 1, 61: 1 }))).toBeCloseTo((100 * (2 + near)) / 2);
  expect(standard(series({ 50: 1, 20: 1 }))).toBeCloseTo((100 * (2 - 0.11)) / 2);
});

it('does not score the probationary rows', () => {
  expect(standard(series({ 14: 1, 50: 1 }))).toBeCloseTo(100);
});

it('takes one threshold for the whole corpus', () => {
  const noisy = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [20 + i, 0.6]));
  const apart = [series({ 50: 0.5 }), { ...series({ ...noisy, 50: 0.9 }), name: 'b.csv' }];
  expect(standard(...apart)).toBeCloseTo((100 * Math.max(2, 4 - 30 * 0.11)) / 4);
});

it('weighs misses and false alarms by profile', () => {
  const results = scoreNab([series({ 20: 1, 50: 1 })])?.map(({ profile, score }) => [profile, score]);
  expect(results).toEqual([
    ['standard', expect.closeTo((100 * (2 - 0.11)) / 2)],
    ['reward_low_FP_rate', expect.closeTo((100 * (2 - 0.22)) / 2)],
    ['reward_low_FN_rate', expect.closeTo((100 * (3 - 0.11)) / 3)],
  ]);
});

it('has no scale without a window', () => {
  expect(scoreNab([{ name: 'a.csv', scores: [1, 0], windows: [] }])).toBeNull();
});
