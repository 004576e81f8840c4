import { Command, InvalidArgumentError, Option } from 'commander';

import { reportAsHtml } from '../benchmarks/run/report-html.ts';
import { describeReport } from '../benchmarks/run/report-text.ts';
import {
  type LoadProfile,
  type LoadProfileName,
  loadProfiles,
  type NoisyTenant,
} from '../benchmarks/run/profiles.ts';
import { type BenchOptions, rampBench, runBench } from '../benchmarks/run/run-bench.ts';
import { usualBounds } from '../benchmarks/run/run-report.ts';
import type { BenchReport } from '../benchmarks/report.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { jsonOption, parseDuration, parseShare, profileOption, wholeNumber } from './options.ts';
import { exitCodes, note, printResult, table } from './output.ts';
import { createProgress, type Progress } from './progress.ts';
import { writeReport } from './write-report.ts';

interface BenchRunOptions extends Partial<Omit<LoadProfile, 'ratePerSecond' | 'noisy'>> {
  readonly load: LoadProfileName;
  readonly rate?: number;
  readonly noisy?: number;
  readonly quota?: number;
  readonly profile: 'embedded' | 'distributed';
  readonly seed: number;
  readonly warmup: number;
  readonly duration: number;
  readonly rounds: number;
  readonly ramp?: number;
  readonly soak?: number;
  readonly maxBehind: number;
  readonly maxForeign: number;
  readonly out?: string;
  readonly html?: string;
  readonly json?: boolean;
}

export function benchRunCommand(): Command {
  return new Command('run')
    .description(
      'throughput and latency of a fresh platform under a load of your choice, with a ledger of every event',
    )
    .addOption(
      new Option('--load <name>', 'a load by name').choices(Object.keys(loadProfiles)).default('small-msp'),
    )
    .addOption(profileOption().default('embedded'))
    .option('--agents <n>', 'agents, instead of the load’s', wholeNumber(1))
    .option('--tenants <n>', 'tenants', wholeNumber(1))
    .option('--rate <events>', 'events a second; with --ramp, where it begins', wholeNumber(1))
    .option('--duplicates <share>', 'share of events sent twice', parseShare)
    .option('--late <share>', 'share of events that are two hours old', parseShare)
    .option('--burst <times>', 'times more in every fifth second', wholeNumber(1))
    .option('--noisy <times>', 'one more tenant offers so many times its quota', wholeNumber(1))
    .option('--quota <events>', 'with a noisy tenant: events a second that a tenant may send', wholeNumber(1))
    .option('--seed <n>', 'equal seeds offer equal events', wholeNumber(0), 1)
    .option('--warmup <duration>', 'offered first and not measured', parseDuration, 10_000)
    .option('--duration <duration>', 'the measured time', parseDuration, 60_000)
    .option('--rounds <n>', 'repeats, each on a fresh platform', wholeNumber(1), 1)
    .option('--ramp <p99>', 'find the highest rate whose p99 to stored stays under this', parseDuration)
    .option(
      '--soak <duration>',
      'measure for so long, and judge whether memory and lag stay flat',
      parseDuration,
    )
    .option(
      '--max-behind <duration>',
      'INVALID when the generator falls further behind',
      parseDuration,
      usualBounds.behindMs,
    )
    .option(
      '--max-foreign <share>',
      'INVALID when other programs take more of the machine',
      parseShare,
      usualBounds.foreignShare,
    )
    .option('--out <file>', 'write the report as JSON, also when the run is invalid', parsePath('.json'))
    .option('--html <file>', 'write the report as one HTML file with plots', parsePath('.html'))
    .addOption(jsonOption())
    .action(run);
}

function parsePath(ending: string): (text: string) => string {
  return (text) => {
    if (text.endsWith(ending)) return text;
    throw new InvalidArgumentError(`Give a file whose name ends in ${ending}.`);
  };
}

async function run(given: BenchRunOptions): Promise<void> {
  const options = given.soak === undefined ? given : { ...given, duration: given.soak };
  const load = loadOf(options);
  let progress: Progress | undefined;
  const bench: BenchOptions = {
    engines: options.profile,
    load,
    seed: options.seed,
    warmupMs: options.warmup,
    durationMs: options.duration,
    rounds: options.rounds,
    soak: options.soak !== undefined,
    bounds: { behindMs: options.maxBehind, foreignShare: options.maxForeign },
    command: ['openframe', ...process.argv.slice(2)].join(' '),
    onRound: (round) => {
      progress?.[Symbol.dispose]();
      note(`round ${round} of ${options.rounds}: warming up for ${options.warmup / 1000} s`);
      progress = createProgress('measuring', options.duration / 1000);
    },
    onSample: ({ second, storedPerSecond, p99Ms, lag }) => {
      const behind = Object.values(lag).reduce((most, records) => Math.max(most, records), 0);
      progress?.update(
        Math.min(second, options.duration / 1000),
        `${Math.round(storedPerSecond)} stored/s, p99 ${p99Ms} ms, lag ${behind}`,
      );
    },
  };
  try {
    if (options.ramp === undefined) await report(await runBench(bench), options);
    else await findHighest(bench, options.ramp, options);
  } finally {
    progress?.[Symbol.dispose]();
  }
}

function loadOf(options: BenchRunOptions): LoadProfile {
  const load: LoadProfile = loadProfiles[options.load];
  const { agents, tenants, rate, duplicates, late, burst } = options;
  const noisy = noisyOf(load, options);
  return {
    agents: agents ?? load.agents,
    tenants: tenants ?? load.tenants,
    ratePerSecond: rate ?? load.ratePerSecond,
    duplicates: duplicates ?? load.duplicates,
    late: late ?? load.late,
    burst: burst ?? load.burst,
    ...(noisy === undefined ? {} : { noisy }),
  };
}

function noisyOf(load: LoadProfile, options: BenchRunOptions): NoisyTenant | undefined {
  if (load.noisy === undefined && options.noisy === undefined) return undefined;
  if ((options.tenants ?? load.tenants) < 2) {
    throw new OpenFrameError('ARGUMENT_INVALID', 'A noisy tenant needs others: give --tenants 2 or more.');
  }
  const usual = load.noisy ?? loadProfiles['noisy-tenant'].noisy;
  return {
    times: options.noisy ?? usual.times,
    quotaPerSecond: options.quota ?? usual.quotaPerSecond,
  };
}

async function findHighest(bench: BenchOptions, p99Ms: number, options: BenchRunOptions): Promise<void> {
  const { steps, best } = await rampBench(bench, p99Ms, (rate) => note(`offering ${rate} events a second`));
  const rows = steps.map(({ ratePerSecond, kept, report: { verdict, reasons } }) => [
    ratePerSecond,
    kept ? 'kept' : verdict === 'VALID' ? 'too slow' : verdict,
    reasons.join(' '),
  ]);
  note(table(['events/s', '', ''], rows));
  if (best === undefined) {
    note(`Not even ${bench.load.ratePerSecond} events a second were kept: begin lower, with --rate.`);
    process.exitCode = exitCodes.invalid;
    return;
  }
  note(`The highest rate with p99 up to ${p99Ms} ms: ${best.ratePerSecond} events a second.`);
  await report(best.report, options);
}

async function report(result: BenchReport, options: BenchRunOptions): Promise<void> {
  if (options.out !== undefined) await writeReport(options.out, result);
  if (options.html !== undefined) await writeReport(options.html, await reportAsHtml(result));
  printResult(result, options, () => describeReport(result));
  if (result.verdict === 'INVALID') process.exitCode = exitCodes.invalid;
  if (result.verdict === 'FAILED') process.exitCode = exitCodes.failed;
}
