import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Watermark } from './watermark.ts';

const options = { maxOutOfOrderMs: 10, idleAfterMs: 100 };

describe('a watermark', () => {
  it('stays behind the newest event of its partition, and other partitions do not move it', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 500, 1000);
    watermark.observe(1, 900, 1000);
    watermark.observe(0, 300, 1000);
    expect(watermark.currentMs(0, 1000)).toBe(490);
    expect(watermark.currentMs(1, 1000)).toBe(890);
    expect(watermark.currentMs(2, 1000)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('follows the least of the others once its partition is idle', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 100, 1000);
    watermark.observe(1, 700, 1090);
    watermark.observe(2, 800, 1090);
    expect(watermark.currentMs(0, 1099)).toBe(90);
    expect(watermark.currentMs(0, 1100)).toBe(690);
  });

  it('does not follow while a batch of its partition is in hand', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 100, 1000);
    watermark.observe(1, 700, 1090);
    watermark.touch(0, 1100);
    expect(watermark.currentMs(0, 1100)).toBe(90);
  });

  it('stands still when every partition is idle', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 100, 1000);
    watermark.observe(1, 700, 1000);
    expect(watermark.currentMs(0, 9000)).toBe(90);
  });

  it('takes an event from the future as one of now', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 9_999_999, 1000);
    expect(watermark.currentMs(0, 1000)).toBe(990);
  });

  it('forgets a partition that was taken away', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 100, 1000);
    watermark.observe(1, 50, 1090);
    watermark.observe(2, 700, 1090);
    watermark.forget(1);
    expect(watermark.currentMs(0, 1100)).toBe(690);
    expect(watermark.currentMs(1, 1100)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('says what a batch would make of it without becoming it', () => {
    const watermark = new Watermark(options);
    watermark.observe(0, 100, 1000);
    expect(watermark.after(0, 300, 1000)).toBe(290);
    expect(watermark.after(0, 50, 1000)).toBe(90);
    expect(watermark.currentMs(0, 1000)).toBe(90);
  });

  it('never goes back', () => {
    const step = fc.record({
      partition: fc.nat({ max: 2 }),
      eventTimeMs: fc.nat({ max: 2000 }),
      passedMs: fc.nat({ max: 150 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const watermark = new Watermark(options);
        const known = [0, 1, 2].map(() => Number.NEGATIVE_INFINITY);
        let nowMs = 1000;
        for (const { partition, eventTimeMs, passedMs } of steps) {
          nowMs += passedMs;
          watermark.observe(partition, eventTimeMs, nowMs);
          for (const [i, before] of known.entries()) {
            const current = watermark.currentMs(i, nowMs);
            expect(current).toBeGreaterThanOrEqual(before);
            expect(current).toBeLessThanOrEqual(nowMs);
            known[i] = current;
          }
        }
      }),
    );
  });
});
