import { expect, it } from 'vitest';

import { presenceOf } from './presence.ts';

const stats = (...seconds: number[]) => ({
  total: seconds.length,
  buckets: seconds.map((second) => ({ start: new Date(second * 1000).toISOString(), count: 1 })),
});

it('counts each stretch, and is silent once a whole one passed', () => {
  const quiet = presenceOf(stats(1, 2), 0, 6_500, 1_000);
  expect(quiet.counts).toEqual([0, 1, 1, 0, 0, 0, 0]);
  expect(quiet.reporting).toBe(2);
  expect(quiet.silentSince).toBe(3_000);
});

it('is not silent while the last stretch runs, nor where nothing was ever heard', () => {
  expect(presenceOf(stats(4), 0, 5_500, 1_000).silentSince).toBeNull();
  expect(presenceOf(stats(), 0, 5_500, 1_000).silentSince).toBeNull();
});
