import type { BenchReport } from '../report.ts';
import type { Quantiles } from './histograms.ts';
import { noisyGoal, type NoisyResult } from './noisy-tenant.ts';
import type { RoundResult } from './round.ts';
import { isServer } from './server-processes.ts';
import type { SoakTrend } from './soak.ts';

/** The report as people read it in a terminal: the verdict first, the command to repeat it last. */
export function describeReport(report: BenchReport): string {
  const { machine, configuration } = report;
  const head = [
    `${report.verdict}${report.reasons.length > 0 ? `: ${report.reasons.join(' ')}` : ''}`,
    '',
    `machine        ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, kernel ${machine.kernel}`,
    `commit         ${machine.commit}, ${machine.date}`,
    `configuration  ${report.configurationHash} ${JSON.stringify(configuration)}`,
  ];
  const rounds = report.rounds.map((round, i) => describeRound(round.details as RoundResult, i + 1));
  return [...head, ...rounds, '', `repeat         ${report.command}`].join('\n');
}

function describeRound(round: RoundResult, number: number): string {
  const { generator, ledger } = round;
  const perMillion = (seconds: number): string => ((seconds * 1e6) / generator.sent).toFixed(1);
  const latencies: [string, Quantiles][] = [
    ['send → durable at the door', round.door.corrected],
    ['  raw, from the request', round.door.raw],
    ...Object.entries(round.endToEnd).map(([sink, q]): [string, Quantiles] => [`send → ${sink}`, q]),
    ...Object.entries(round.pipelines).map(([name, q]): [string, Quantiles] => [`accepted → ${name}`, q]),
  ];
  return [
    '',
    `round ${number}`,
    `  offered ${generator.offeredRatePerSecond}/s, stored ${round.storedPerSecond}/s, drained in ${round.drainSeconds.toFixed(1)} s, ` +
      `generator at most ${generator.behindMs} ms behind, other programs ${(round.foreignShare * 100).toFixed(0)} % of the machine`,
    '',
    `  ${'latency, ms'.padEnd(32)}${['p50', 'p90', 'p99', 'p99.9', 'max'].map((name) => name.padStart(9)).join('')}`,
    ...latencies.map(([name, q]) => `  ${name.padEnd(32)}${quantileCells(q)}`),
    '',
    `  ${'process'.padEnd(32)}${'CPU s per million'.padStart(20)}${'peak MB'.padStart(10)}`,
    ...round.roles.flatMap(({ role, cpuSeconds, cpuSecondsByThread, peakResidentMb }) => [
      `  ${role.padEnd(32)}${perMillion(cpuSeconds).padStart(20)}${String(peakResidentMb).padStart(10)}`,
      ...(isServer(role) ? [] : Object.entries(cpuSecondsByThread)).map(
        ([kind, seconds]) => `    ${`threads: ${kind}`.padEnd(30)}${perMillion(seconds).padStart(20)}`,
      ),
    ]),
    `  ${'generator'.padEnd(32)}${perMillion(round.generatorCpuSeconds).padStart(20)}`,
    '',
    ...(round.soak === undefined ? [] : [...describeSoak(round.soak), '']),
    ...(round.noisy === undefined ? [] : [...describeNoisy(round.noisy), '']),
    `  ledger: sent ${ledger.sent}, accepted ${ledger.accepted}, dead letters ${ledger.deadLettered}, ` +
      `lost ${ledger.lost}, duplicated ${ledger.duplicated} (duplicates sent: ${generator.duplicates})`,
  ].join('\n');
}

function describeSoak({ memoryMb, memoryMbPerHour, lag, lagPerHour }: SoakTrend): string[] {
  const [middle, end] = [Math.round(memoryMb.middle), Math.round(memoryMb.end)];
  return [
    `  memory, middle and last third: ${middle} and ${end} MB, ${memoryMbPerHour.toFixed(1)} MB an hour`,
    `  lag, middle and last third: ${lag.middle} and ${lag.end} records, ${lagPerHour.toFixed(0)} an hour`,
  ];
}

function describeNoisy({ stages, cores, tenant, others }: NoisyResult): string[] {
  const head = ['quiet p50', 'quiet p99', 'p50', 'p99', 'ratio'].map((name) => name.padStart(11)).join('');
  return [
    `  beside a noisy tenant, ms         ${head}   (goal ≤ ${noisyGoal})`,
    ...stages.map(({ name, quiet, noisy, ratio }) => {
      const cells = [quiet.p50, quiet.p99, noisy.p50, noisy.p99, ratio.toFixed(2)];
      return `  ${name.padEnd(34)}${cells.map((cell) => String(cell).padStart(11)).join('')}`;
    }),
    `  the platform took ${cores.quiet.toFixed(2)} of a core quiet, ${cores.noisy.toFixed(2)} beside it`,
    `  noisy tenant: offered ${tenant.offered}, refused ${tenant.refused}, accepted ${tenant.accepted}, lost ${tenant.lost}`,
    `  the ${others.tenants} other tenants: lost ${others.lost}, duplicated ${others.duplicated}`,
  ];
}

function quantileCells({ p50, p90, p99, p999, max }: Quantiles): string {
  return [p50, p90, p99, p999, max].map((ms) => String(ms).padStart(9)).join('');
}
