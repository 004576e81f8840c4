import { expect, it } from 'vitest';

import { presenceOf } from './presence.ts';

const stats = (...seconds: number[]) => ({
  total: seconds.length,
  buckets: seconds.map((second) => ({ start: new Date(second * 1000).toISOString(), count: 1 })),
});

it('counts each stretch, the empty ones too', () => {
  const { counts, reporting, total } = presenceOf(stats(1, 2), 0, 6_500, 1_000);
  expect(counts).toEqual([0, 1, 1, 0, 0, 0, 0]);
  expect([reporting, total]).toEqual([2, 2]);
});
