import fc from 'fast-check';
import { expect, it } from 'vitest';

import { IdWindow } from './id-window.ts';

function idOf(number: number): Uint32Array {
  return new Uint32Array([1, number >>> 16, number & 0xffff, 7]);
}

it('answers as a set does, through growth and removal', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 400 })), { maxLength: 600 });
  fc.assert(
    fc.property(steps, fc.nat(), (steps, seed) => {
      const window = new IdWindow(1000, seed);
      const model = new Set<number>();
      for (const [adds, number] of steps) {
        if (adds) window.add(idOf(number), 0);
        else window.remove(idOf(number), 0);
        if (adds) model.add(number);
        else model.delete(number);
      }
      for (let n = 0; n <= 400; n++) expect(window.has(idOf(n), 0)).toBe(model.has(n));
    }),
    { numRuns: 50 },
  );
});

it('holds many ids, whatever order and seed', () => {
  const count = 100_000;
  const window = new IdWindow(1000, 42);
  for (let n = 0; n < count; n++) window.add(idOf(n), 0);
  let missing = 0;
  for (let n = 0; n < count; n++) if (!window.has(idOf(n), 0)) missing++;
  let invented = 0;
  for (let n = count; n < count * 2; n++) if (window.has(idOf(n), 0)) invented++;
  expect([missing, invented]).toEqual([0, 0]);
});

it('remembers for at least the window and at most twice that', () => {
  const windowMs = 1000;
  const times = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(times, (gaps) => {
      const window = new IdWindow(windowMs, 1);
      const addedAtMs: number[] = [];
      let nowMs = 0;
      gaps.forEach((gapMs, number) => {
        nowMs += gapMs;
        window.turn(nowMs);
        addedAtMs.forEach((atMs, n) => {
          if (nowMs - atMs < windowMs) expect(window.has(idOf(n), 0)).toBe(true);
          if (nowMs - atMs > windowMs * 2) expect(window.has(idOf(n), 0)).toBe(false);
        });
        window.add(idOf(number), 0);
        addedAtMs.push(nowMs);
      });
    }),
  );
});

it('never knows zeros, which stand for no id', () => {
  const window = new IdWindow(1000, 1);
  const zeros = new Uint32Array(4);
  for (let i = 0; i < 10_000; i++) window.add(zeros, 0);
  expect(window.has(zeros, 0)).toBe(false);
  window.add(idOf(1), 0);
  expect(window.has(idOf(1), 0)).toBe(true);
});
