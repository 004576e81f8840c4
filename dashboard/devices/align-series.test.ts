import { expect, it } from 'vitest';

import { alignSeries } from './align-series.ts';

it('puts series on one axis, with a gap where one has no point', () => {
  const series = [
    {
      deviceId: 'd',
      labels: { disk: 'b' },
      points: [
        [2, 20],
        [3, 30],
      ] as const,
    },
    {
      deviceId: 'd',
      labels: { disk: 'a' },
      points: [
        [1, 1],
        [3, 3],
      ] as const,
    },
  ];
  expect(alignSeries(series)).toEqual({
    timesMs: [1, 2, 3],
    series: [
      { label: 'a', values: [1, null, 3] },
      { label: 'b', values: [null, 20, 30] },
    ],
  });
});
