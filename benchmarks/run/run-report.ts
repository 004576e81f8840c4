import { makeReport } from '../make-report.ts';
import type { BenchReport, Metric } from '../report.ts';
import type { EngineProfile } from './platform-under-load.ts';
import type { LoadProfile } from './profiles.ts';
import type { RoundResult } from './round.ts';
import { soakFaults } from './soak.ts';

/** What a run of `bench run` was asked for: all that has an influence on its figures. */
export interface RunConfiguration {
  readonly engines: EngineProfile;
  readonly load: LoadProfile;
  readonly seed: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly bounds: ValidityBounds;
  readonly soak?: true;
}

/** Beyond these a run says nothing about the platform. */
export interface ValidityBounds {
  /** How far the generator may fall behind its rate. */
  readonly behindMs: number;
  /** The share of the machine that other programs may take. */
  readonly foreignShare: number;
}

export const usualBounds: ValidityBounds = { behindMs: 250, foreignShare: 0.1 };

export function runReport(
  configuration: RunConfiguration,
  rounds: readonly RoundResult[],
  command: string,
): BenchReport {
  const invalid = rounds.flatMap((round, i) => invalidity(round, i, configuration.bounds));
  const failed = [
    ...rounds.flatMap(failures),
    ...rounds.flatMap((round, i) => unsteadiness(round, i, configuration.load.ratePerSecond)),
  ];
  return makeReport({
    kind: 'run',
    verdict: failed.length > 0 ? 'FAILED' : invalid.length > 0 ? 'INVALID' : 'VALID',
    reasons: [...failed, ...invalid],
    command,
    configuration: { ...configuration },
    rounds: rounds.map((round) => ({ metrics: metricsOf(round), details: round })),
  });
}

function invalidity(round: RoundResult, index: number, bounds: ValidityBounds): string[] {
  const reasons: string[] = [];
  const behindMs = Math.max(round.generator.behindMs, round.noisy?.tenant.behindMs ?? 0);
  if (behindMs > bounds.behindMs) {
    reasons.push(
      `Round ${index + 1}: the generator fell ${behindMs} ms behind its rate (bound ${bounds.behindMs} ms).`,
    );
  }
  if (round.foreignShare > bounds.foreignShare) {
    reasons.push(
      `Round ${index + 1}: other programs took ${percent(round.foreignShare)} of the machine (bound ${percent(bounds.foreignShare)}).`,
    );
  }
  return reasons;
}

function failures({ ledger }: RoundResult, index: number): string[] {
  const wrong = Object.entries({ lost: ledger.lost, duplicated: ledger.duplicated })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  if (wrong.length > 0) return [`Round ${index + 1}: of ${ledger.sent} events ${wrong.join(', ')}.`];
  if (ledger.verdict === 'OK') return [];
  return [`Round ${index + 1}: the stores did not take in everything in time (${ledger.verdict}).`];
}

function unsteadiness({ soak }: RoundResult, index: number, ratePerSecond: number): string[] {
  const faults = soak === undefined ? [] : soakFaults(soak, ratePerSecond);
  return faults.map((fault) => `Round ${index + 1}: ${fault}.`);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function metricsOf(round: RoundResult): Record<string, Metric> {
  const lower = (value: number, unit: string): Metric => ({ value, unit, better: 'lower' });
  const metrics: Record<string, Metric> = {
    'stored rate': { value: round.storedPerSecond, unit: 'events/s', better: 'higher' },
    'door p99': lower(round.door.corrected.p99, 'ms'),
  };
  for (const [sink, { p50, p99 }] of Object.entries(round.endToEnd)) {
    metrics[`${sink} p50`] = lower(p50, 'ms');
    metrics[`${sink} p99`] = lower(p99, 'ms');
  }
  for (const { name, ratio } of round.noisy?.stages ?? []) {
    metrics[`${name.trim()}, beside a noisy tenant`] = lower(ratio, 'times the quiet p99');
  }
  for (const { role, cpuSeconds, peakResidentMb } of round.roles) {
    metrics[`${role} CPU`] = lower((cpuSeconds * 1e6) / round.generator.sent, 's per million events');
    metrics[`${role} memory`] = lower(peakResidentMb, 'MB at the peak');
  }
  return metrics;
}
