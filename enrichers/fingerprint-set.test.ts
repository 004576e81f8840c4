import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRandom } from '../streams/random.ts';
import { FingerprintSet } from './fingerprint-set.ts';

const windowMs = 60_000;

describe('FingerprintSet', () => {
  it('takes an id as new once within the window, and again after it', () => {
    const set = new FingerprintSet({ windowMs, seed: 1 });
    set.advance(1000);
    expect(set.add(1, 2, 3)).toBe(true);
    set.advance(1059);
    expect(set.add(1, 2, 3)).toBe(false);
    set.advance(1060);
    expect(set.add(1, 2, 3)).toBe(true);
  });

  it('tells ids apart that differ in one word only', () => {
    const set = new FingerprintSet({ windowMs, seed: 1 });
    set.advance(1000);
    expect([set.add(1, 2, 3), set.add(1, 2, 4), set.add(1, 5, 3), set.add(9, 2, 3)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('equals a map of ids for any sequence of ids and times', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 400 }),
      aheadSeconds: fc.integer({ min: -20, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2000 }), fc.integer(), (steps, seed) => {
        const set = new FingerprintSet({ windowMs, seed });
        const seen = new Map<number, number>();
        let clock = 1000;
        for (const { id, aheadSeconds } of steps) {
          clock = Math.max(clock, clock + aheadSeconds);
          set.advance(clock);
          const before = seen.get(id);
          const expected = before === undefined || clock - before >= windowMs / 1000;
          if (expected) seen.set(id, clock);
          const random = createRandom(id);
          expect(set.add(random.uint32() | 0, random.uint32() | 0, random.uint32() | 0)).toBe(expected);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('forgets nothing in the window while it grows to 200,000 ids', () => {
    const set = new FingerprintSet({ windowMs, seed: 7 });
    const random = createRandom(3);
    set.advance(1000);
    for (let i = 0; i < 200_000; i++) set.add(random.uint32() | 0, random.uint32() | 0, i);
    const again = createRandom(3);
    let repeated = 0;
    for (let i = 0; i < 200_000; i++) if (!set.add(again.uint32() | 0, again.uint32() | 0, i)) repeated++;
    expect(repeated).toBe(200_000);
    expect(set.stats().entries).toBe(200_000);
  });

  it('gives room back once what it held has expired', () => {
    const set = new FingerprintSet({ windowMs, seed: 7 });
    const random = createRandom(3);
    const fill = (): void => {
      for (let i = 0; i < 100_000; i++) set.add(random.uint32() | 0, random.uint32() | 0, i);
    };
    set.advance(1000);
    fill();
    const full = set.stats().sizeBytes;
    for (let round = 1; round <= 5; round++) {
      set.advance(1000 + round * 120);
      fill();
    }
    expect(set.stats().sizeBytes).toBeLessThanOrEqual(full * 2);
  });
});
