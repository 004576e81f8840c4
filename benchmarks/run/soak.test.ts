import { describe, expect, it } from 'vitest';

import { soakFaults, soakTrend } from './soak.ts';

const samples = (memoryAt: (second: number) => number, lagAt: (second: number) => number) =>
  Array.from({ length: 300 }, (_, second) => ({
    second,
    storedPerSecond: 100,
    lag: { telemetry: lagAt(second) },
    p99Ms: 1,
    residentMb: memoryAt(second),
  }));

describe('a soak', () => {
  it('is flat where memory rises at first and is then collected now and then', () => {
    const trend = soakTrend(
      samples(
        (s) => Math.min(500, s * 10) + (s % 20),
        (s) => (s * 37) % 50,
      ),
    );
    expect(soakFaults(trend, 100)).toEqual([]);
    expect(Math.abs(trend.memoryMbPerHour)).toBeLessThan(100);
  });

  it('says how fast memory grows and that more and more waits', () => {
    const trend = soakTrend(
      samples(
        (s) => 500 + s,
        (s) => s * 10,
      ),
    );
    expect(trend.memoryMbPerHour).toBeCloseTo(3600);
    expect(soakFaults(trend, 100)).toEqual([
      'memory grew from 650 to 750 MB (bound 5 %)',
      'lag grew from 1500 to 2500 records (bound 1 s of load)',
    ]);
  });
});
