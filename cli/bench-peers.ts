import { Command } from 'commander';

import { type PeerName, peerNames } from '../benchmarks/peers/peers.ts';
import { type PeerRun, type PeersResult, runPeers } from '../benchmarks/peers/run-peers.ts';
import { argumentsOf, jsonOption, namesOf, wholeNumber } from './options.ts';
import { exitCodes, note, printResult, table } from './output.ts';
import { type KafkaForBenchmark, kafkaFor, withKafkaOptions } from './own-kafka.ts';
import { writeReport } from './write-report.ts';

interface BenchPeersOptions extends KafkaForBenchmark {
  readonly events: number;
  readonly rounds: number;
  readonly seed: number;
  readonly peers: readonly PeerName[];
  readonly nodeArguments: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function benchPeersCommand(): Command {
  return withKafkaOptions(new Command('peers'))
    .description(
      'one job on this product, Kafka Streams, Flink and a loop in Go, in turns, each output checked',
    )
    .option('--events <n>', 'events of the job', wholeNumber(1), 3_000_000)
    .option('--rounds <n>', 'rounds, the order rotated', wholeNumber(1), 3)
    .option('--seed <n>', 'equal seeds offer equal events', wholeNumber(0), 1)
    .option('--peers <list>', `which: ${peerNames.join(', ')}`, namesOf(peerNames), peerNames)
    .option('--node-arguments <arguments>', 'given to Node, as to profile it', '')
    .option('--out <file>', 'write the result as JSON')
    .addOption(jsonOption())
    .action(benchPeers);
}

async function benchPeers(options: BenchPeersOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const brokers = await kafkaFor(options, stack);
  const result = await runPeers({
    brokers,
    events: options.events,
    rounds: options.rounds,
    seed: options.seed,
    peers: options.peers,
    nodeArguments: argumentsOf(options.nodeArguments),
    onRun: (run) => note(describeRun(run)),
  });
  if (options.out !== undefined) await writeReport(options.out, result);
  printResult(result, options, () => describe(result));
  if (result.runs.some(({ verdict }) => verdict === 'INVALID')) process.exitCode = exitCodes.invalid;
}

function describeRun({
  peer,
  verdict,
  eventsPerCpuSecond,
  cpuSeconds,
  peakResidentMb,
  lost,
  duplicated,
}: PeerRun) {
  const counts = `lost ${lost}, duplicated ${duplicated}`;
  return `${peer}: ${verdict}, ${eventsPerCpuSecond} events per CPU-second (${cpuSeconds} s), ${peakResidentMb} MB, ${counts}`;
}

function describe({ medians }: PeersResult): string {
  const floor = medians.find(({ peer }) => peer === 'go')?.eventsPerCpuSecond;
  return table(
    ['peer', 'events/CPU-s', 'of Go', 'events/s', 'peak MB', 'lost', 'duplicated'],
    medians.map((m) => [
      m.peer,
      String(m.eventsPerCpuSecond),
      floor === undefined ? '' : (m.eventsPerCpuSecond / floor).toFixed(2),
      String(m.eventsPerSecond),
      String(m.peakResidentMb),
      String(m.lost),
      String(m.duplicated),
    ]),
  );
}
