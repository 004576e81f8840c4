import { OpenFrameError } from '../../contracts/errors.ts';
import type { Random } from '../../streams/random.ts';
import type { BenchReport, Machine } from '../report.ts';
import { pairedRatio, type RatioInterval, unpairedRatio } from './interval.ts';

export type MetricVerdict = 'better' | 'worse' | 'no change';

export interface MetricComparison extends RatioInterval {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Medians of the rounds. */
  readonly a: number;
  readonly b: number;
  readonly verdict: MetricVerdict;
}

export interface Comparison {
  readonly kind: string;
  readonly rounds: { readonly a: number; readonly b: number };
  /** Whether A and B took turns: if not, a drift of the machine between them shows as a difference. */
  readonly interleaved: boolean;
  readonly confidence: number;
  readonly metrics: readonly MetricComparison[];
}

export interface CompareOptions {
  readonly interleaved: boolean;
  readonly random: Random;
  /** Chance of calling any metric changed when nothing changed; shared out among the metrics (Bonferroni). */
  readonly falseAlarms?: number;
  /** Differences below this share are "no change" however sure they are. */
  readonly smallestShare?: number;
}

const fewestRounds = 3;

/**
 * Compares two reports metric by metric. Throws `ARGUMENT_INVALID` where they do not compare: another kind of
 * benchmark, machine or configuration, an invalid run, too few rounds.
 */
export function compareReports(a: BenchReport, b: BenchReport, options: CompareOptions): Comparison {
  refuseUnlike(a, b);
  const names = Object.keys(a.rounds[0]?.metrics ?? {}).filter((name) =>
    [...a.rounds, ...b.rounds].every((round) => (round.metrics[name]?.value ?? 0) > 0),
  );
  const confidence = 1 - (options.falseAlarms ?? 0.03) / Math.max(1, names.length);
  const metrics = names.map((name) => compareMetric(name, a, b, confidence, options));
  return {
    kind: a.kind,
    rounds: { a: a.rounds.length, b: b.rounds.length },
    interleaved: options.interleaved,
    confidence,
    metrics,
  };
}

function compareMetric(
  name: string,
  a: BenchReport,
  b: BenchReport,
  confidence: number,
  { interleaved, random, smallestShare = 0.01 }: CompareOptions,
): MetricComparison {
  const valuesA = valuesOf(a, name);
  const valuesB = valuesOf(b, name);
  const { unit = '', better = 'lower' } = a.rounds[0]?.metrics[name] ?? {};
  const paired = interleaved && valuesA.length === valuesB.length;
  const interval = (paired ? pairedRatio : unpairedRatio)(valuesA, valuesB, { confidence, random });
  const sure = interval.low > 1 || interval.high < 1;
  const small = Math.abs(interval.ratio - 1) < smallestShare;
  const improved = interval.ratio > 1 === (better === 'higher');
  const verdict = !sure || small ? 'no change' : improved ? 'better' : 'worse';
  return { name, unit, better, a: median(valuesA), b: median(valuesB), ...interval, verdict };
}

function valuesOf(report: BenchReport, name: string): number[] {
  return report.rounds.flatMap((round) => round.metrics[name]?.value ?? []);
}

/** NaN where there are none; of an even number the middle between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const machineParts: readonly (keyof Machine)[] = ['cpu', 'cores', 'memoryGb', 'node', 'kernel'];

function refuseUnlike(a: BenchReport, b: BenchReport): void {
  const differences: string[] = [];
  const differ = (what: string, ofA: unknown, ofB: unknown): void => {
    if (ofA !== ofB) differences.push(`${what}: A has ${String(ofA)}, B has ${String(ofB)}`);
  };
  differ('benchmark', a.kind, b.kind);
  for (const part of machineParts) differ(`machine, ${part}`, a.machine[part], b.machine[part]);
  for (const name of new Set([...Object.keys(a.configuration), ...Object.keys(b.configuration)])) {
    differ(
      `configuration, ${name}`,
      JSON.stringify(a.configuration[name]),
      JSON.stringify(b.configuration[name]),
    );
  }
  differ('configuration, hash', a.configurationHash, b.configurationHash);
  if (differences.length > 0) throw refusal(`they differ. ${differences.join('; ')}`);
  for (const [name, report] of [['A', a] as const, ['B', b] as const]) {
    if (report.verdict !== 'VALID') {
      throw refusal(`${name} is not a valid run: ${report.reasons.join(' ')} Repeat it.`);
    }
    if (report.rounds.length < fewestRounds) {
      throw refusal(
        `${name} has ${report.rounds.length} rounds: repeat it with --rounds ${fewestRounds} or more`,
      );
    }
  }
}

function refusal(why: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', `These results do not compare: ${why}.`);
}
