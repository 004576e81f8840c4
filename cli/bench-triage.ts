import { mkdir } from 'node:fs/promises';

import { Command } from 'commander';

import type { TriageMetrics } from '../benchmarks/triage/metrics.ts';
import { mean, median } from '../benchmarks/triage/ranking.ts';
import { triageFile, type FileMetrics, type TriageResult } from '../benchmarks/triage/triage-file.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { jsonOption } from './options.ts';
import { note, printResult, table } from './output.ts';

interface BenchTriageOptions {
  readonly out: string;
  readonly labels?: boolean;
  readonly json?: boolean;
}

export function benchTriageCommand(): Command {
  return new Command('triage')
    .description('group and score alerts as the stream does: a file of row,group,score for each input')
    .argument('<files...>', 'CSV files with the columns time,name,ip,host,short; .csv or .csv.gz')
    .requiredOption('--out <folder>', 'the folder for the results')
    .option(
      '--labels',
      'hold the ranking against the columns event_label and time_label, which scoring never sees',
    )
    .addOption(jsonOption())
    .action(run);
}

async function run(files: readonly string[], options: BenchTriageOptions): Promise<void> {
  await mkdir(options.out, { recursive: true });
  const results: TriageResult[] = [];
  for (const file of files) {
    const result = await triageFile(file, { out: options.out, labels: options.labels === true });
    note(`${file}: ${result.alerts} alerts in ${result.groups} groups, written to ${result.out}`);
    results.push(result);
  }
  if (options.labels === true && results.every(({ metrics }) => !metrics?.event && !metrics?.time)) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      'No file has an alert with a label: --labels needs the columns event_label or time_label.',
    );
  }
  const summary = {
    results,
    event: summarise(results, 'event'),
    time: summarise(results, 'time'),
  };
  printResult(summary, options, () => textOf(results));
}

/** Of all files: means of AP and reduction, medians of reads, sums of phases. */
interface Summary {
  readonly ap: number;
  readonly projAp: number;
  readonly reduction: number;
  readonly lost: number;
  readonly phases: number;
  readonly readsAll: number;
  readonly readsMedian: number;
  readonly kAll: number;
}

const times = ['final', 'atOpen', 'atFirst'] as const;

function summarise(
  results: readonly TriageResult[],
  truth: 'event' | 'time',
): Readonly<Record<keyof FileMetrics, Summary>> | null {
  const measured = results.flatMap(({ metrics }) => metrics?.[truth] ?? []);
  if (measured.length === 0) return null;
  const of = (at: keyof FileMetrics): Summary => summaryOf(measured.map((metrics) => metrics[at]));
  return { final: of('final'), atOpen: of('atOpen'), atFirst: of('atFirst') };
}

function summaryOf(metrics: readonly TriageMetrics[]): Summary {
  const all = (pick: (of: TriageMetrics) => number): number[] => metrics.map(pick);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    ap: mean(all((m) => m.ap)),
    projAp: mean(all((m) => m.projAp)),
    reduction: mean(all((m) => m.reduction)),
    lost: sum(all((m) => m.lost)),
    phases: sum(all((m) => m.phases)),
    readsAll: median(all((m) => m.readsAll)),
    readsMedian: median(all((m) => m.readsMedian)),
    kAll: median(all((m) => m.kAll)),
  };
}

const labels = { final: 'in the end', atOpen: '60 s after opening', atFirst: 'at the first report' } as const;

function textOf(results: readonly TriageResult[]): string {
  const delays = table(
    ['file', 'alerts', 'groups', 'score settled: p50 s', 'p90 s', 'p99 s'],
    results.map(({ file, alerts, groups, delayMs }) => [
      file,
      alerts,
      groups,
      ...[delayMs.p50, delayMs.p90, delayMs.p99].map((ms) => Math.round(ms / 1000)),
    ]),
  );
  const truths = (['event', 'time'] as const).flatMap((truth) => {
    const summary = summarise(results, truth);
    if (summary === null) return [];
    const rows = times.map((at) => [labels[at], ...figuresOf(summary[at])]);
    return [`\nBy ${truth} labels, scores as of:\n${table([...header], rows)}`];
  });
  return [delays, ...truths].join('\n');
}

const header = ['', 'AP', 'projAP', 'lost', 'reduction', 'reads all', 'reads median', 'k all'] as const;

function figuresOf(summary: Summary): (string | number)[] {
  return [
    summary.ap.toFixed(3),
    summary.projAp.toFixed(3),
    `${summary.lost} of ${summary.phases}`,
    `${(summary.reduction * 100).toFixed(2)} %`,
    summary.readsAll,
    summary.readsMedian,
    summary.kAll,
  ];
}
