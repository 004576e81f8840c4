import { expect, it } from 'vitest';

import { otherKey, stackGroups } from './stack-groups.ts';

const at = (second: number): string => new Date(second * 1000).toISOString();

it('stacks every bucket, the unnamed on top, with totals that add up to the rows', () => {
  const stats = {
    total: 10,
    buckets: [
      {
        start: at(0),
        count: 6,
        groups: [
          { key: 'a', count: 1 },
          { key: 'b', count: 3 },
        ],
      },
      { start: at(2), count: 4, groups: [{ key: 'a', count: 4 }] },
    ],
  };
  const stack = stackGroups(stats, { fromMs: 500, toMs: 3000, bucketMs: 1000, bucket: '1s' });
  expect(stack.startsMs).toEqual([0, 1000, 2000]);
  expect(Object.fromEntries(stack.totals)).toEqual({ a: 5, b: 3, [otherKey]: 2 });
  expect(stack.stacked.map(({ key }) => key)).toEqual([otherKey, 'b', 'a']);
  expect(stack.stacked[0]?.counts).toEqual([6, 0, 4]);
  expect(stack.stacked[2]?.counts).toEqual([1, 0, 4]);
});

it('keeps the order that it is given', () => {
  const stats = {
    total: 3,
    buckets: [
      {
        start: at(0),
        count: 3,
        groups: [
          { key: 'x', count: 2 },
          { key: 'y', count: 1 },
        ],
      },
    ],
  };
  const window = { fromMs: 0, toMs: 1000, bucketMs: 1000, bucket: '1s' };
  expect(stackGroups(stats, window, ['x', 'y']).stacked.map(({ key }) => key)).toEqual(['x', 'y']);
});
