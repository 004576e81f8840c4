import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createLoadShape } from './load-shape.ts';

const rates = fc.integer({ min: 1, max: 100_000 });
const bursts = fc.integer({ min: 1, max: 20 });

describe('the shape of a load', () => {
  it('offers the mean rate over every five seconds, whatever the burst', () =>
    fc.assert(
      fc.property(rates, bursts, fc.integer({ min: 1, max: 50 }), (rate, burst, periods) => {
        expect(createLoadShape(rate, burst).dueBy(periods * 5_000)).toBe(rate * 5 * periods);
      }),
    ));

  it('calls an event due no earlier than its own moment, and not much later', () =>
    fc.assert(
      fc.property(rates, bursts, fc.integer({ min: 0, max: 1_000_000 }), (rate, burst, number) => {
        const shape = createLoadShape(rate, burst);
        const dueMs = shape.dueMs(number);
        expect(shape.dueBy(dueMs + 0.001 + 2000 / rate)).toBeGreaterThanOrEqual(number);
        expect(shape.dueBy(Math.max(0, dueMs - 0.001))).toBeLessThanOrEqual(number + 1);
      }),
    ));

  it('offers as many times more in the fifth second as asked', () => {
    const shape = createLoadShape(1_000, 4);
    const calm = shape.dueBy(1_000) - shape.dueBy(0);
    expect((shape.dueBy(5_000) - shape.dueBy(4_000)) / calm).toBeCloseTo(4, 2);
  });
});
