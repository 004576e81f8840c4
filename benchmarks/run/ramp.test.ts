import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { BenchReport } from '../report.ts';
import { highestKept, ramp } from './ramp.ts';

const report: BenchReport = {
  schema: 'openframe.bench/1',
  kind: 'run',
  verdict: 'VALID',
  reasons: [],
  machine: { cpu: '', cores: 2, memoryGb: 1, node: '', kernel: '', commit: '', date: '' },
  command: '',
  configuration: {},
  configurationHash: '',
  rounds: [],
};

describe('a ramp', () => {
  it('ends within 5 % below the highest rate that is kept', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1000, max: 900_000 }), async (limit) => {
        const offer = async (rate: number) => ({ kept: rate <= limit, report });
        const best = highestKept(await ramp({ fromPerSecond: 1000, offer }))?.ratePerSecond ?? 0;
        expect(best).toBeLessThanOrEqual(limit);
        expect(best).toBeGreaterThan(limit * 0.94);
      }),
    ));

  it('keeps nothing where the first rate is too high', async () => {
    const steps = await ramp({ fromPerSecond: 5000, offer: async () => ({ kept: false, report }) });
    expect(steps).toHaveLength(1);
    expect(highestKept(steps)).toBeUndefined();
  });
});
