import { describe, expect, it } from 'vitest';

import type { BenchReport } from '../report.ts';
import { curveOf, slopeOf, valueAt } from './curve.ts';
import { capacityPlan } from './plan.ts';

function report(figures: Readonly<Record<string, number>>, configuration = {}): BenchReport {
  const metrics = Object.entries(figures).map(([name, value]) => [
    name,
    { value, unit: '', better: 'lower' as const },
  ]);
  return {
    ...{ schema: 'openframe.bench/1', kind: 'scale', verdict: 'VALID', reasons: [], command: '' },
    machine: { cpu: '', cores: 2, memoryGb: 1, node: '', kernel: '', commit: '', date: '' },
    ...{ configuration, configurationHash: '' },
    rounds: [{ metrics: Object.fromEntries(metrics) as BenchReport['rounds'][number]['metrics'] }],
  };
}

const scale = report({
  'devices 1000': 5000,
  'devices 100000': 7000,
  'devices 1000, state': 10,
  'devices 100000, state': 40,
  'window minutes 1, state': 10,
  'window minutes 10, state': 20,
});

describe('a measured curve', () => {
  it('is read between its points by their logarithm, and ends where it was measured', () => {
    const points = curveOf(scale, 'devices');
    expect([1, 1000, 10_000, 1e9].map((at) => valueAt(points, at))).toEqual([5000, 5000, 6000, 7000]);
    expect(slopeOf(curveOf(scale, 'devices', ', state')) * 99_000).toBeCloseTo(30);
  });
});

describe('a plan', () => {
  const run = report(
    { 'platform CPU': 60, 'platform memory': 700 },
    {
      load: { agents: 1000, ratePerSecond: 1000, duplicates: 0 },
      warmupMs: 0,
      durationMs: 1000,
    },
  );
  const figures = { run, scale, kafkaMicros: 12, eventBytes: 500 };
  const valueOf = (devices: number, what: string): number =>
    capacityPlan({ devices, eventsPerMinute: 60, windowMinutes: 10 }, figures).find((line) =>
      line.what.startsWith(what),
    )?.value ?? Number.NaN;

  it('counts processes by the CPU of an event at that many devices', () => {
    expect(valueOf(1000, 'events')).toBe(1000);
    expect(valueOf(1000, 'Kafka: processes')).toBe(1);
    expect(valueOf(100_000, 'Kafka: processes')).toBe(Math.ceil((100_000 * 14) / 0.6e6));
    expect(valueOf(1000, 'embedded: cores')).toBeCloseTo(0.1);
  });

  it('says in each line of which files it is, and where a curve ends', () => {
    const lines = capacityPlan({ devices: 1e7, eventsPerMinute: 1, windowMinutes: 10 }, figures);
    expect(lines.every(({ of }) => of !== '')).toBe(true);
    expect(lines[1]?.of).toContain('measured from 1000 to 100000 devices');
  });
});
