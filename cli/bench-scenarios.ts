import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';

import { machine } from '../benchmarks/machine.ts';
import { runScenarios, type ScenarioReport } from '../benchmarks/scenarios/run-scenarios.ts';
import { jsonOption, wholeNumber } from './options.ts';
import { note, printResult, table } from './output.ts';

const hourMs = 3_600_000;

interface BenchScenariosOptions {
  readonly seed: number;
  readonly days: number;
  readonly devices: number;
  readonly technicians: number;
  readonly feedbackAfter?: number;
  readonly feedbackShare: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function benchScenariosCommand(): Command {
  return new Command('scenarios')
    .description(
      "a service provider's fleet with known troubles, through the stream's own detection and alerts",
    )
    .option('--seed <n>', 'of all that is random', wholeNumber(0), 1)
    .option('--days <n>', 'how long, from a Monday', wholeNumber(5), 14)
    .option('--devices <n>', 'machines, of about 20 a customer', wholeNumber(20), 120)
    .option('--technicians <n>', 'who share the pages', wholeNumber(1), 2)
    .option(
      '--feedback-after <hours>',
      'so long after each page of the default target somebody says whether it was of use; without it nobody does',
      wholeNumber(0),
    )
    .option('--feedback-share <percent>', 'of so many of those pages', wholeNumber(0), 100)
    .option('--out <folder>', 'writes scenarios.json there, every page with what it was about')
    .addOption(jsonOption())
    .action(run);
}

async function run(given: BenchScenariosOptions): Promise<void> {
  const { json, out, feedbackAfter, feedbackShare, ...fleet } = given;
  const feedback = { afterMs: (feedbackAfter ?? 0) * hourMs, share: feedbackShare / 100, seed: fleet.seed };
  const options = feedbackAfter === undefined ? fleet : { ...fleet, feedback };
  const report = await runScenarios(options, (day) => note(`day ${day} of ${options.days}`));
  const whole = { machine: machine(), ...report };
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    const file = join(out, 'scenarios.json');
    await writeFile(file, `${JSON.stringify(whole, null, 2)}\n`);
    note(`written to ${file}`);
  }
  printResult(whole, json === undefined ? {} : { json }, () => textOf(report));
}

function textOf(report: ScenarioReport): string {
  const { options, events, alerts, hiddenAlerts, deadLetters } = report;
  const { devices, days, technicians, seed } = options;
  return [
    `${devices} devices, ${days} days, seed ${seed}: ${events.toLocaleString('en-US')} events, ${alerts} alerts of which ${hiddenAlerts} were never shown, ${deadLetters} dead letters.`,
    `\nPages of targets of notifications (the first is the default), for ${technicians} technicians:`,
    figuresTable(report),
    '\nWhat somebody is to be told of, at the default:',
    table(
      ['trouble', 'causes', 'told', 'pages', 'median s'],
      report.byKind.map(({ kind, causes, told, pages, medianSeconds }) => [
        ...[kind, causes, told, pages],
        medianSeconds === null ? '' : Math.round(medianSeconds),
      ]),
    ),
    `\nBy day, at the default and at a score of 40${report.options.feedback === undefined ? '' : `, with ${report.verdicts} verdicts of people`}:`,
    daysTable(report),
    report.missed.length === 0
      ? '\nMissed: nothing.'
      : `\nMissed:\n${table(
          ['cause', 'why'],
          report.missed.map(({ causeId, why }) => [causeId, why]),
        )}`,
    report.falsePages.length === 0
      ? '\nFalse pages: none.'
      : `\nFalse pages:\n${table(
          ['about', 'pages', 'such as'],
          report.falsePages.map(({ about, pages, example }) => [about, pages, example.slice(0, 80)]),
        )}`,
  ].join('\n');
}

function figuresTable({ figures }: ScenarioReport): string {
  const share = (value: number | null): string => (value === null ? '' : value.toFixed(3));
  return table(
    [
      'severity from',
      'score from',
      'pages',
      'precision',
      'recall',
      'pages/technician/day',
      'median s',
      'max s',
      'over-merged',
      'repeated',
    ],
    figures.map((of) => [
      ...[of.minSeverity, of.minScore, of.pages, share(of.precision), share(of.recall)],
      of.pagesPerTechnicianDay.toFixed(2),
      of.surfacedAfterSeconds === null ? '' : Math.round(of.surfacedAfterSeconds.median),
      of.surfacedAfterSeconds === null ? '' : Math.round(of.surfacedAfterSeconds.max),
      ...[of.overMerged, of.repeated],
    ]),
  );
}

/** Pages, precision and recall by day: what is learned shows here. */
function daysTable({ figures }: ScenarioReport): string {
  const [byDefault] = figures;
  const from40 = figures.find(({ minSeverity, minScore }) => minSeverity === 'ERROR' && minScore === 40);
  const share = (value: number | null | undefined): string => value?.toFixed(2) ?? '';
  return table(
    ['day', 'pages', 'precision', 'troubles', 'recall', 'pages from 40', 'precision', 'recall'],
    (byDefault?.byDay ?? []).map((day, i) => {
      const other = from40?.byDay[i];
      return [
        ...[i + 1, day.pages, share(day.precision), day.causes, share(day.recall)],
        ...[other?.pages ?? '', share(other?.precision), share(other?.recall)],
      ];
    }),
  );
}
