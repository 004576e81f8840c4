import { describe, expect, it } from 'vitest';

import { stackSeverities } from './stack-severities.ts';

const fromMs = Date.UTC(2026, 0, 31, 8);
const bucketMs = 5_000;

function bucket(index: number, counts: Readonly<Record<string, number>>) {
  const groups = Object.entries(counts).map(([key, count]) => ({ key, count }));
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return { start: new Date(fromMs + index * bucketMs).toISOString(), count, groups };
}

describe('stackSeverities', () => {
  it('has every bucket of the window, those without events as 0', () => {
    const stats = { total: 10, buckets: [bucket(1, { INFO: 10 })] };
    const stack = stackSeverities(stats, { fromMs, toMs: fromMs + 3 * bucketMs, bucketMs });
    expect(stack.startsMs).toEqual([fromMs, fromMs + bucketMs, fromMs + 2 * bucketMs]);
    expect(stack.rates.INFO).toEqual([0, 2, 0]);
  });

  it('stacks the worst at the bottom and paints the mildest first', () => {
    const stats = { total: 30, buckets: [bucket(0, { INFO: 20, ERROR: 5, CRITICAL: 5 })] };
    const stack = stackSeverities(stats, { fromMs, toMs: fromMs + bucketMs, bucketMs });
    expect(stack.stacked.map(({ severity, rates }) => [severity, rates[0]])).toEqual([
      ['DEBUG', 6],
      ['INFO', 6],
      ['WARNING', 2],
      ['ERROR', 2],
      ['CRITICAL', 1],
    ]);
  });

  it('counts a bucket that still runs for the time that it ran', () => {
    const stats = { total: 8, buckets: [bucket(1, { INFO: 8 })] };
    const stack = stackSeverities(stats, { fromMs, toMs: fromMs + bucketMs + 4_000, bucketMs });
    expect(stack.rates.INFO).toEqual([0, 2]);
  });

  it('leaves out a bucket that has hardly begun', () => {
    const stats = { total: 8, buckets: [bucket(1, { INFO: 8 })] };
    const stack = stackSeverities(stats, { fromMs, toMs: fromMs + bucketMs + 1_000, bucketMs });
    expect(stack.startsMs).toEqual([fromMs]);
  });
});
