import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { openLog } from '../kafka-clients/clients.ts';
import { machine } from '../machine.ts';
import { middleOf } from '../middle.ts';
import { rotated } from '../rotated.ts';
import { type Generated, generate, verify, type Verdict } from './events.ts';
import { MeasuredProcess, type Usage } from './measured-process.ts';
import { buildPeer, type PeerName, type PeerProgram } from './peers.ts';
import { PeerTopics } from './peer-topics.ts';

export interface PeersOptions {
  /** `host:port` of Kafka's brokers, separated by commas. */
  readonly brokers: string;
  readonly events: number;
  readonly rounds: number;
  readonly seed: number;
  readonly peers: readonly PeerName[];
  /** Given to Node, as to profile it. */
  readonly nodeArguments: readonly string[];
  readonly onRun: (run: PeerRun) => void;
}

export interface PeerRun extends Verdict, Usage {
  readonly peer: PeerName;
  readonly verdict: 'VALID' | 'INVALID';
  readonly eventsPerCpuSecond: number;
  readonly eventsPerSecond: number;
  /** Of the machine when the run began, other programs included. */
  readonly loadAverage: number;
}

type Medians = Pick<PeerRun, 'peer' | 'lost' | 'duplicated'> &
  Pick<PeerRun, 'eventsPerCpuSecond' | 'eventsPerSecond' | 'peakResidentMb'> & { readonly rounds: number };

export interface PeersResult {
  readonly machine: ReturnType<typeof machine>;
  readonly command: string;
  readonly options: Pick<PeersOptions, 'events' | 'rounds' | 'seed' | 'peers'>;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly generated: Generated;
  readonly medians: readonly Medians[];
  readonly runs: readonly PeerRun[];
}

const runTimeoutMs = 900_000;
const pollMs = 200;
/** No more comes where nothing came for so long: a checkpoint of Flink's is written every ten seconds at most. */
const quietMs = 15_000;
const settleMs = 1500;

/**
 * The peers' job on this product and on others: the same generated topic, fresh output and state topics a run, the
 * order rotated each round, each output read back and checked. CPU is that of the whole process, its start included.
 */
export async function runPeers(options: PeersOptions): Promise<PeersResult> {
  const { brokers, events, rounds, seed, peers, nodeArguments } = options;
  const prefix = `peers-${randomUUID().slice(0, 8)}-`;
  const folder = await mkdtemp(join(tmpdir(), 'openframe-peers-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const topics = stack.use(await PeerTopics.open(brokers, prefix));
  const programs = new Map<PeerName, PeerProgram>();
  for (const peer of peers) programs.set(peer, await buildPeer(peer, folder, nodeArguments));
  await topics.createInputs();
  const log = stack.use(await openLog('platformatic', brokers, prefix));
  const generated = await generate(log, events, seed);
  const runs: PeerRun[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const peer of rotated(peers, round)) {
      const program = programs.get(peer);
      if (program === undefined) continue;
      await topics.createOutputs();
      const loadAverage = loadavg()[0] ?? 0;
      const usage = await measure(program, {
        ...options,
        prefix,
        folder,
        topics,
        distinct: generated.distinct,
      });
      await using reading = await openLog('platformatic', brokers, prefix);
      const run = runOf(peer, events, usage, await verify(reading, generated.distinct), loadAverage);
      runs.push(run);
      options.onRun(run);
    }
  }
  return {
    machine: machine(),
    command: 'openframe bench peers',
    options: { events, rounds, seed, peers },
    versions: await versions(),
    generated,
    medians: peers.map((peer) => median(peer, runs)),
    runs,
  };
}

interface Measuring extends PeersOptions {
  readonly prefix: string;
  readonly folder: string;
  readonly topics: PeerTopics;
  readonly distinct: number;
}

async function measure(program: PeerProgram, options: Measuring): Promise<Usage> {
  const { brokers, prefix, events } = options;
  const folder = await mkdtemp(join(options.folder, 'run-'));
  const command = [...program.command, brokers, prefix, ...program.more(folder, events)];
  await using running = new MeasuredProcess(command);
  if (program.endsByItself) return await running.finished(runTimeoutMs);
  return await untilWritten(running, options);
}

/** What the program had taken when the last output appeared. */
async function untilWritten(running: MeasuredProcess, { topics, distinct }: Measuring): Promise<Usage> {
  const endsAtMs = performance.now() + runTimeoutMs;
  let usage = running.usage();
  let [written, grewAtMs] = [0, performance.now()];
  while (!running.isOver && performance.now() < endsAtMs) {
    await pause(pollMs);
    const now = await topics.outputOffsets();
    if (now > written) {
      written = now;
      usage = running.usage();
      grewAtMs = performance.now();
    }
    if (written >= distinct && performance.now() - grewAtMs > settleMs) break;
    if (written > 0 && performance.now() - grewAtMs > quietMs) break;
  }
  return usage;
}

function runOf(peer: PeerName, events: number, usage: Usage, found: Verdict, loadAverage: number): PeerRun {
  const isRight = found.lost + found.duplicated + found.notEnriched === 0 && usage.cpuSeconds > 0;
  return {
    peer,
    verdict: isRight ? 'VALID' : 'INVALID',
    eventsPerCpuSecond: Math.round(events / usage.cpuSeconds),
    eventsPerSecond: Math.round(events / usage.wallSeconds),
    ...usage,
    ...found,
    loadAverage,
  };
}

function median(peer: PeerName, runs: readonly PeerRun[]): Medians {
  const own = runs.filter((run) => run.peer === peer);
  const middle = (of: (run: PeerRun) => number): number => middleOf(own.map(of)) ?? 0;
  return {
    peer,
    rounds: own.length,
    eventsPerCpuSecond: middle((run) => run.eventsPerCpuSecond),
    eventsPerSecond: middle((run) => run.eventsPerSecond),
    peakResidentMb: middle((run) => run.peakResidentMb),
    lost: own.reduce((sum, { lost }) => sum + lost, 0),
    duplicated: own.reduce((sum, { duplicated }) => sum + duplicated, 0),
  };
}

/** Of the libraries that the peers are built on, as their build files pin them. */
async function versions(): Promise<Readonly<Record<string, string | undefined>>> {
  const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
  const [go, kafkaStreams, flink] = await Promise.all([
    read('go/go.mod'),
    read('kafka-streams/pom.xml'),
    read('flink/pom.xml'),
  ]);
  return {
    node: process.version,
    franzGo: /franz-go (v\S+)/.exec(go)?.[1],
    kafkaStreams: /<kafka.version>(.*)</.exec(kafkaStreams)?.[1],
    flink: /<flink.version>(.*)</.exec(flink)?.[1],
  };
}
