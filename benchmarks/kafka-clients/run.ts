import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import kafkajs from 'kafkajs';

import type { Log } from '../../brokers/log.ts';
import { headers, topics } from '../../contracts/topics.ts';
import { topicDeclarations } from '../../pipelines/topic-declarations.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { machine } from '../machine.ts';
import { middleOf } from '../middle.ts';
import { rotated } from '../rotated.ts';
import { type ClientName, clientNames, openLog } from './clients.ts';
import { type RawEvents, rawEvents } from './raw-events.ts';
import type { RoleCost } from './telemetry-role.ts';

/*
 * What the telemetry role costs on each Kafka client: the same events, a fresh process and fresh topics a round, the
 * clients in turn, each round in another order. A round whose output is not each event once is INVALID.
 *
 *   node benchmarks/kafka-clients/run.ts --brokers 127.0.0.1:9092 --events 500000 --out benchmarks/results/kafka-clients.json
 */
const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    events: { type: 'string', default: '500000' },
    partitions: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: clientNames.join(',') },
    out: { type: 'string' },
  },
});

interface Round extends RoleCost {
  readonly client: string;
  readonly verdict: 'VALID' | 'INVALID';
  readonly distinctOut: number;
  readonly eventsPerCpuSecond: number;
  readonly cpuMicrosPerEvent: number;
  readonly eventsPerSecond: number;
  readonly loadAverage: number;
}

const roleProgram = fileURLToPath(new URL('telemetry-role.ts', import.meta.url));
const roleTimeoutMs = 300_000;
const events = Number(values.events);
const clients = values.clients.split(',') as ClientName[];
const input = rawEvents(events, Number(values.partitions), Number(values.seed));
const rounds: Round[] = [];
for (let i = 0; i < Number(values.rounds); i++) {
  for (const client of rotated(clients, i)) {
    const round = await runRound(client, input);
    rounds.push(round);
    process.stderr.write(`${summary(round)}\n`);
  }
}
const result = {
  machine: machine(),
  versions: versions(),
  command: 'benchmarks/kafka-clients/run.ts',
  options: values,
  bytesPerEvent: input.bytesPerEvent,
  medians: clients.map(median),
  rounds,
};
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exitCode = rounds.every((round) => round.verdict === 'VALID') ? 0 : 3;

async function runRound(client: ClientName, { batches }: RawEvents): Promise<Round> {
  const prefix = `bench-${randomUUID().slice(0, 8)}-`;
  const log = await openLog('platformatic', values.brokers, prefix);
  try {
    await log.declareTopics(topicDeclarations(Number(values.partitions)));
    for (const { partition, batch } of batches) await log.append(topics.raw, partition, batch);
    const loadAverage = loadavg()[0] ?? 0;
    const args = [roleProgram, client, values.brokers, prefix, values.events];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: roleTimeoutMs });
    const cost = JSON.parse(stdout) as RoleCost;
    const { count, distinct } = await countOutput(log);
    const exact =
      cost.recordsIn === events && count === events && distinct === events && cost.deadLetters === 0;
    return {
      client,
      verdict: exact ? 'VALID' : 'INVALID',
      ...cost,
      recordsOut: count,
      distinctOut: distinct,
      eventsPerCpuSecond: Math.round(events / cost.cpuSeconds),
      cpuMicrosPerEvent: Number(((cost.cpuSeconds * 1e6) / events).toFixed(2)),
      eventsPerSecond: Math.round(events / cost.wallSeconds),
      loadAverage,
    };
  } finally {
    await log[Symbol.asyncDispose]();
    await removeTopics(prefix);
  }
}

async function countOutput(log: Log): Promise<{ count: number; distinct: number }> {
  const cursor = new RecordCursor();
  const ids = new Set<string>();
  let count = 0;
  for (let partition = 0; partition < Number(values.partitions); partition++) {
    for await (const batch of log.readAll(topics.enriched, partition)) {
      cursor.reset(batch);
      while (cursor.next()) {
        count++;
        ids.add(cursor.headers()[headers.eventId] ?? '');
      }
    }
  }
  return { count, distinct: ids.size };
}

async function removeTopics(prefix: string): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: values.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const names = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
  await admin.deleteTopics({ topics: names });
  await admin.disconnect();
}

function median(client: string) {
  const own = rounds.filter((round) => round.client === client);
  const middle = (of: (round: Round) => number): number => middleOf(own.map(of)) ?? 0;
  return {
    client,
    eventsPerCpuSecond: middle((round) => round.eventsPerCpuSecond),
    cpuMicrosPerEvent: middle((round) => round.cpuMicrosPerEvent),
    eventsPerSecond: middle((round) => round.eventsPerSecond),
    peakResidentMb: middle((round) => round.peakResidentMb),
  };
}

function versions(): Readonly<Record<string, string>> {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  const names = ['@platformatic/kafka', 'kafkajs', '@confluentinc/kafka-javascript'];
  return Object.fromEntries(
    names.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? '']),
  );
}

function summary(round: Round): string {
  return (
    `${round.verdict} ${round.client}: ${round.eventsPerCpuSecond} events/CPU-s, ${round.cpuMicrosPerEvent} µs an ` +
    `event, ${round.eventsPerSecond}/s, peak ${round.peakResidentMb} MB, ${round.distinctOut} of ${events} out`
  );
}
