import { describe, expect, it } from 'vitest';

import { createRandom, type Random } from '../../streams/random.ts';
import type { BenchReport } from '../report.ts';
import { compareReports } from './compare.ts';

const machine = {
  cpu: 'x',
  cores: 2,
  memoryGb: 24,
  node: 'v24',
  kernel: '6',
  commit: 'abc',
  date: '2026-11-25T00:00:00Z',
};

function report(rounds: readonly Record<string, number>[], changes: Partial<BenchReport> = {}): BenchReport {
  return {
    schema: 'openframe.bench/1',
    kind: 'run',
    verdict: 'VALID',
    reasons: [],
    machine,
    command: 'openframe bench run',
    configuration: { rate: 100 },
    configurationHash: 'h',
    rounds: rounds.map((values) => ({
      metrics: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          { value, unit: 'ms', better: name === 'rate' ? ('higher' as const) : ('lower' as const) },
        ]),
      ),
    })),
    ...changes,
  };
}

/** Log-normal noise of about 8 % around `center`, and now and then a round half as slow again. */
function noisy(center: number, random: Random, outliers: number): number {
  const gauss = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return center * Math.exp(0.08 * gauss) * (random.next() < outliers ? 1.5 : 1);
}

/** Rounds of a benchmark with three metrics whose noise has much in common, as that of one machine has. */
function rounds(
  count: number,
  centers: Record<string, number>,
  random: Random,
  outliers = 0.1,
): Record<string, number>[] {
  return Array.from({ length: count }, () => {
    const shared = noisy(1, random, outliers);
    return Object.fromEntries(
      Object.entries(centers).map(([name, center]) => [name, shared * noisy(center, random, 0)]),
    );
  });
}

const centers = { rate: 1000, p99: 40, cpu: 12 };

/** Of 100 comparisons of equal programs, those in which any metric was called changed. */
function falseAlarms(interleaved: boolean, count: number): number {
  const random = createRandom(7);
  let alarms = 0;
  for (let i = 0; i < 100; i++) {
    const a = report(rounds(count, centers, random));
    const b = report(rounds(count, centers, random));
    const { metrics } = compareReports(a, b, { interleaved, random });
    if (metrics.some((metric) => metric.verdict !== 'no change')) alarms++;
  }
  return alarms;
}

describe('comparing two benchmark reports', () => {
  it.each([
    [true, 5],
    [true, 10],
    [false, 5],
    [false, 10],
  ])(
    'says "no change" of equal programs at least 95 times of 100 (interleaved %s, %i rounds)',
    (turns, count) => {
      expect(falseAlarms(turns, count)).toBeLessThanOrEqual(5);
    },
  );

  it('finds two thirds more in eight rounds, nine times of ten, and says which way', () => {
    const random = createRandom(3);
    let found = 0;
    for (let i = 0; i < 50; i++) {
      const a = report(rounds(8, centers, random, 0));
      const faster = { rate: centers.rate * 1.66, p99: centers.p99, cpu: centers.cpu * 0.6 };
      const b = report(rounds(8, faster, random, 0));
      const { metrics } = compareReports(a, b, { interleaved: true, random });
      const verdicts = Object.fromEntries(metrics.map((m) => [m.name, m.verdict]));
      if (verdicts['rate'] === 'better' && verdicts['cpu'] === 'better') found++;
      expect(Object.values(verdicts)).not.toContain('worse');
    }
    expect(found).toBeGreaterThanOrEqual(45);
  });

  it('calls a difference under one per cent "no change", however sure', () => {
    const a = report([{ p99: 100 }, { p99: 100.01 }, { p99: 100.02 }]);
    const b = report([{ p99: 100.5 }, { p99: 100.52 }, { p99: 100.5 }]);
    const [metric] = compareReports(a, b, { interleaved: true, random: createRandom(1) }).metrics;
    expect(metric).toMatchObject({ verdict: 'no change', a: 100.01, b: 100.5 });
  });

  it.each([
    ['another machine', { machine: { ...machine, cpu: 'y' } }, 'machine, cpu: A has x, B has y'],
    ['another configuration', { configuration: { rate: 200 } }, 'configuration, rate: A has 100, B has 200'],
    ['another benchmark', { kind: 'micro' }, 'benchmark: A has run, B has micro'],
    [
      'an invalid run',
      { verdict: 'INVALID' as const, reasons: ['behind.'] },
      'B is not a valid run: behind.',
    ],
    ['too few rounds', { rounds: [] }, 'B has 0 rounds: repeat it with --rounds 3'],
  ])('refuses %s', (_what, changes, message) => {
    const three = [{ p99: 1 }, { p99: 2 }, { p99: 3 }];
    const compare = (): unknown =>
      compareReports(report(three), report(three, changes), { interleaved: true, random: createRandom(1) });
    expect(compare).toThrow(message);
  });
});
