import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RingBuffer } from './ring-buffer.ts';

describe('RingBuffer', () => {
  it('holds the newest items in their order and answers each that it pushes out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat()), (capacity, items) => {
        const ring = new RingBuffer<number>(capacity);
        const pushedOut = items.map((item) => ring.push(item)).filter((item) => item !== undefined);
        expect(ring.items()).toEqual(items.slice(-capacity));
        expect(ring.size).toBe(Math.min(capacity, items.length));
        expect(pushedOut).toEqual(items.slice(0, Math.max(0, items.length - capacity)));
      }),
    );
  });

  it('is empty and fills anew after clear', () => {
    const ring = new RingBuffer<number>(2);
    for (const item of [1, 2, 3]) ring.push(item);
    ring.clear();
    ring.push(4);
    expect(ring.items()).toEqual([4]);
  });
});
