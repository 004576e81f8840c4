import { loadavg } from 'node:os';

import { makeReport } from '../make-report.ts';
import type { BenchReport, Metric } from '../report.ts';
import type { Shares } from '../shares.ts';

/** Times of a question in milliseconds, beside what its p99 shall be under. */
export interface Answered extends Shares {
  readonly name: string;
  readonly barMs?: number;
}

export const lower = (value: number, unit: string): Metric => ({ value, unit, better: 'lower' });
export const higher = (value: number, unit: string): Metric => ({ value, unit, better: 'higher' });

/** The writer beside the questions must have kept its rate, to a twentieth. */
const keptShare = 0.95;

/** A run of one round. `FAILED` where a question is over its bar, `INVALID` where fewer events came in than were to. */
export function queryReport(run: {
  readonly kind: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly offeredPerSecond: number;
  readonly writtenPerSecond: number;
  readonly answered: readonly Answered[];
  /** Beside those of the questions. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly details: object;
}): BenchReport {
  const { kind, configuration, offeredPerSecond, writtenPerSecond, answered } = run;
  const over = answered.flatMap(({ name, p99, barMs = Infinity }) =>
    p99 <= barMs ? [] : [`${name}: p99 ${p99} ms is over ${barMs} ms.`],
  );
  const behind =
    writtenPerSecond >= offeredPerSecond * keptShare
      ? []
      : [`${writtenPerSecond} events a second came in beside the questions, not ${offeredPerSecond}.`];
  const asked = answered.flatMap(({ name, p50, p99 }): [string, Metric][] => [
    [`${name} p50`, lower(p50, 'ms')],
    [`${name} p99`, lower(p99, 'ms')],
  ]);
  return makeReport({
    kind,
    verdict: behind.length > 0 ? 'INVALID' : over.length > 0 ? 'FAILED' : 'VALID',
    reasons: [...behind, ...over],
    command: `node benchmarks/query/query.ts ${process.argv.slice(2).join(' ')}`,
    configuration: { ...configuration },
    rounds: [
      {
        metrics: { ...Object.fromEntries(asked), ...run.metrics },
        details: { loadAverage: loadavg()[0], writtenPerSecond, questionsMs: answered, ...run.details },
      },
    ],
  });
}
