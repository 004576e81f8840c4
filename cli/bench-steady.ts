import { Command, Option } from 'commander';

import { type SteadyPeerName, steadyPeerNames } from '../benchmarks/peers/peers.ts';
import { runSteady, type SteadyOptions, type SteadyRun } from '../benchmarks/peers/run-steady.ts';
import type { BenchReport } from '../benchmarks/report.ts';
import { argumentsOf, jsonOption, namesOf, parseDuration, wholeNumber } from './options.ts';
import { exitCodes, note, printResult, table } from './output.ts';
import { type KafkaForBenchmark, kafkaFor, withKafkaOptions } from './own-kafka.ts';
import { writeReport } from './write-report.ts';

interface BenchSteadyOptions extends KafkaForBenchmark {
  readonly rate: number;
  readonly state: number;
  readonly warmup: number;
  readonly duration: number;
  readonly kill?: NonNullable<SteadyOptions['kill']>;
  readonly rounds: number;
  readonly seed: number;
  readonly peers: readonly SteadyPeerName[];
  readonly nodeArguments: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function benchSteadyCommand(): Command {
  return withKafkaOptions(new Command('steady'))
    .description("the peers' job at a constant rate: latency and CPU, or what follows a kill -9")
    .option('--rate <events>', 'events a second', wholeNumber(1), 5000)
    .option('--state <events>', 'events that the state holds before', wholeNumber(1), 1_000_000)
    .option('--warmup <duration>', 'offered first and not measured', parseDuration, 10_000)
    .option('--duration <duration>', 'the measured time', parseDuration, 60_000)
    .addOption(
      new Option('--kill <how>', 'kill -9 after the warm-up and start again').choices([
        'keep-disk',
        'empty-disk',
      ]),
    )
    .option('--rounds <n>', 'rounds, the order rotated', wholeNumber(1), 3)
    .option('--seed <n>', 'equal seeds offer equal events', wholeNumber(0), 1)
    .option(
      '--peers <list>',
      `which: ${steadyPeerNames.join(', ')}`,
      namesOf(steadyPeerNames),
      steadyPeerNames,
    )
    .option('--node-arguments <arguments>', 'given to Node, as to profile it', '')
    .option('--out <file>', 'write the report as JSON')
    .addOption(jsonOption())
    .action(benchSteady);
}

async function benchSteady(options: BenchSteadyOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const report = await runSteady({
    brokers: await kafkaFor(options, stack),
    ratePerSecond: options.rate,
    stateEvents: options.state,
    warmupMs: options.warmup,
    durationMs: options.duration,
    ...(options.kill === undefined ? {} : { kill: options.kill }),
    rounds: options.rounds,
    seed: options.seed,
    peers: options.peers,
    nodeArguments: argumentsOf(options.nodeArguments),
    command: ['openframe', ...process.argv.slice(2)].join(' '),
    onRun: (run) => note(describeRun(run)),
  });
  if (options.out !== undefined) await writeReport(options.out, report);
  printResult(report, options, () => describe(report));
  if (report.verdict === 'INVALID') process.exitCode = exitCodes.invalid;
  if (report.verdict === 'FAILED') process.exitCode = exitCodes.failed;
}

function describeRun(run: SteadyRun): string {
  const { peer, latency, cores, peakResidentMb, recovery, lost, duplicated, loadAverage } = run;
  const found =
    recovery === undefined
      ? `p50 ${latency.p50} ms, p99 ${latency.p99} ms, p99.9 ${latency.p999} ms, ${cores.toFixed(3)} of a core`
      : recovery === null
        ? 'nothing came out after the kill'
        : `first output after ${recovery.firstOutput} s, caught up after ${recovery.caughtUp} s`;
  return `${peer}: ${found}, ${peakResidentMb} MB, lost ${lost}, duplicated ${duplicated}, load ${loadAverage.toFixed(1)}`;
}

function describe({ verdict, reasons, rounds }: BenchReport): string {
  const names = Object.keys(rounds[0]?.metrics ?? {});
  const rows = names.map((name) => {
    const found = rounds.flatMap(({ metrics }) => metrics[name] ?? []);
    return [name, ...found.map(({ value }) => value.toFixed(3)), found[0]?.unit ?? ''];
  });
  const head = ['', ...rounds.map((_, i) => `round ${i + 1}`), ''];
  return `${verdict}${reasons.length > 0 ? `: ${reasons.join(' ')}` : ''}\n\n${table(head, rows)}`;
}
