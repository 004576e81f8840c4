import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createTimeRanges } from './time-ranges.ts';

it('covers every moment by at most twelve ranges that do not overlap', () => {
  const moments = fc.array(fc.integer({ min: -1e12, max: 4e12 }), { minLength: 1, maxLength: 40 });
  const close = fc.array(fc.integer({ min: 1.7e12, max: 1.7e12 + 20 * 3_600_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(moments, close), (times) => {
      const gathered = createTimeRanges();
      for (const timeMs of times) gathered.add(timeMs);
      const ranges = gathered.ranges();
      expect(ranges.length).toBeLessThanOrEqual(12);
      for (const t of times) expect(ranges.filter((r) => r.fromMs <= t && t <= r.toMs)).toHaveLength(1);
      for (const r of ranges) expect(times).toEqual(expect.arrayContaining([r.fromMs, r.toMs]));
    }),
  );
});

it('keeps late moments out of the range of the others', () => {
  const gathered = createTimeRanges();
  for (const timeMs of [100_000_000, 5, 100_000_400, 7]) gathered.add(timeMs);
  expect(gathered.ranges()).toEqual([
    { fromMs: 5, toMs: 7 },
    { fromMs: 100_000_000, toMs: 100_000_400 },
  ]);
});
