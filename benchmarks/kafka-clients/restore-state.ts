import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import type { Log } from '../../brokers/log.ts';
import { topics } from '../../contracts/topics.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { topicDeclarations } from '../../pipelines/topic-declarations.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { PartitionTask } from '../../streams/partition-task.ts';
import { createRandom } from '../../streams/random.ts';
import { compressBatch, RecordBatchBuilder } from '../../streams/record-batch.ts';
import { type Restored, restoredStatus } from '../../streams/restored.ts';
import { StageMetrics } from '../../streams/stage-metrics.ts';
import { machine } from '../machine.ts';
import { openLog } from './clients.ts';

/*
 * How long the telemetry role takes to read back what it has seen: marks of a million events in one partition, written in
 * transactions as the role writes them, read from Kafka by a new client each round. The topics stay, behind the prefix.
 *
 *   node benchmarks/kafka-clients/restore-state.ts --brokers 127.0.0.1:9092 --out benchmarks/results/restore-state.json
 */
const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    events: { type: 'string', default: '1000000' },
    commit: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '7' },
    prefix: { type: 'string', default: `bench${randomBytes(4).toString('hex')}_` },
    out: { type: 'string' },
  },
});
const [events, eventsPerCommit] = [Number(values.events), Number(values.commit)];
const [markBytes, windowMs] = [16, 3_600_000];
const topology = telemetry({ windowMs, marksRetentionMs: windowMs });
const clock = createSystemClock();

/** What dedupe writes: 96 bits of the event's id, and the second at which it was seen. */
async function writeMarks(log: Log): Promise<void> {
  for (let written = 0; written < events; written += eventsPerCommit) {
    const value = randomBytes(Math.min(eventsPerCommit, events - written) * markBytes);
    for (let at = 12; at < value.length; at += markBytes) {
      value.writeInt32LE(Math.floor(clock.nowMs() / 1000), at);
    }
    const builder = new RecordBatchBuilder();
    builder.appendRecord({ key: null, value, timestampMs: clock.nowMs() });
    const transaction = log.begin();
    transaction.append(topics.marks, 0, compressBatch(builder.finish()));
    await transaction.commit([]);
  }
}

async function restore(): Promise<Restored> {
  await using log = await openLog('platformatic', values.brokers, values.prefix);
  await log.declareTopics(topicDeclarations(1));
  const task = new PartitionTask({
    ...{ topology, partition: 0, log, clock, deadLetterTopic: topics.deadLetters, recordsAs: 'bytes' },
    random: createRandom(1),
    metrics: topology.stages.map((stage) => new StageMetrics(stage.name)),
    stopwatchMs: () => performance.now(),
  });
  const restored = await task.restore();
  if (restored?.entries !== events) throw new Error(`${restored?.entries} of ${events} events came back`);
  return restored;
}

await using writer = await openLog('platformatic', values.brokers, values.prefix);
await writer.declareTopics(topicDeclarations(1));
await writeMarks(writer);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  rounds.push({ ...restoredStatus(await restore()), loadAverage: loadavg()[0] });
}
const times = rounds.map(({ msByMillion }) => msByMillion).sort((a, b) => a - b);
const median = times[times.length >> 1] ?? Number.NaN;
const report = {
  command: 'node benchmarks/kafka-clients/restore-state.ts',
  machine: machine(),
  configuration: { events, eventsPerCommit, partitions: 1 },
  medianMsByMillion: median,
  rounds,
};
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(`${median.toFixed(0)} ms for a million events (${values.prefix})\n`);
