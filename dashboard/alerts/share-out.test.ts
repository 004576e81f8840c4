import fc from 'fast-check';
import { expect, it } from 'vitest';

import { shareOut } from './share-out.ts';

it('adds up to the rounded sum, and no number moves by as much as one step', () => {
  const points = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 12 });
  fc.assert(
    fc.property(points, fc.constantFrom(0, 1), (numbers, digits) => {
      const shared = shareOut(numbers, digits);
      const unit = 10 ** digits;
      const sum = numbers.reduce((total, number) => total + number * unit, 0);
      const steps = shared.reduce((total, number) => total + Math.round(number * unit), 0);
      expect(steps + 0).toBe(Math.round(sum) + 0);
      for (const [at, number] of shared.entries()) {
        expect(Math.abs(number - (numbers[at] ?? 0))).toBeLessThanOrEqual(1 / unit);
      }
    }),
  );
  expect(shareOut([1.4, 1.4, 1.4], 0)).toEqual([2, 1, 1]);
});
