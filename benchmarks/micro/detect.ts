import { defaultRuleBook } from '../../alerting/rules/default-rule-book.ts';
import type { RuleBook } from '../../alerting/rule-book.ts';
import { eventIdOf } from '../../contracts/event-id.ts';
import { rawKey, topics } from '../../contracts/topics.ts';
import { detect } from '../../pipelines/detect.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createEventLines } from '../../simulator/event-lines.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { PartitionTask } from '../../streams/partition-task.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { StageMetrics } from '../../streams/stage-metrics.ts';
import type { Topology } from '../../streams/topology.ts';

/*
 * CPU of the detect topology alone, no I/O, at 20,000 events of a simulated fleet a second of event time: in all, and
 * of the records and bytes that it writes.
 *
 *   node benchmarks/micro/detect.ts [AGENTS]
 */
const agents = Number(process.argv[2] ?? 5000);
const batches = 300;
const perBatch = 2000;
const everyMs = 100;
const clock = createSystemClock();
const startMs = clock.nowMs();

function* rawBatches(): Generator<Buffer> {
  const fleet = createFleet({ agents, tenants: Array.from({ length: 200 }, (_, i) => `sim-${i}`), seed: 1 });
  const lines = createEventLines(createRandom(2));
  const builder = new RecordBatchBuilder();
  for (let b = 0; b < batches; b++) {
    const timeMs = startMs + b * everyMs;
    for (let i = 0; i < perBatch; i++) {
      const agent = fleet.pick();
      const event = JSON.parse(lines.next(agent, timeMs)) as Record<string, string>;
      const { id = '', source = '', type = '', time = '', subject = '' } = event;
      builder.appendRecord({
        key: rawKey(agent.tenantId, source),
        value: JSON.stringify(event['data']),
        timestampMs: timeMs,
        headers: {
          ...{ ce_specversion: '1.0', ce_id: id, ce_source: source, ce_type: type, ce_time: time },
          ...{ 'content-type': 'application/json', tenant: agent.tenantId, device: subject },
          ...{ eventid: eventIdOf(agent.tenantId, source, id), ingesttime: String(timeMs) },
        },
      });
    }
    yield builder.finish({ compress: true });
  }
}

function taskOf(topology: Topology): PartitionTask {
  return new PartitionTask({
    topology,
    partition: 0,
    log: { begin: () => transactionTo(() => {}), partitionCount: () => 1, readAll: async function* () {} },
    deadLetterTopic: 'dead-letters',
    clock,
    random: createRandom(1),
    metrics: topology.stages.map((stage) => new StageMetrics(stage.name)),
    stopwatchMs: () => performance.now(),
    recordsAs: 'bytes',
  });
}

function transactionTo(append: (topic: string, batch: Buffer) => void) {
  return {
    append: (topic: string, _partition: number, batch: Buffer) => append(topic, batch),
    commit: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
}

async function pass(
  task: PartitionTask,
  bytes: Buffer,
  to: (topic: string, batch: Buffer) => void,
): Promise<void> {
  const ends = { ack: () => Promise.resolve(), nack: () => Promise.resolve(), revoked: never };
  await task.process({
    topic: 'in',
    partition: 0,
    bytes,
    count: perBatch,
    firstOffset: 0,
    nextOffset: 0,
    ...ends,
  });
  task.advanceWatermark(clock.nowMs());
  task.moveTo(transactionTo(to));
  task.settle();
}

async function measure(name: string, rules: RuleBook, input: readonly Buffer[]): Promise<void> {
  const task = taskOf(detect(rules));
  const sizes = new Map<string, number>();
  const count = (topic: string, batch: Buffer): void =>
    void sizes.set(topic, (sizes.get(topic) ?? 0) + batch.length);
  const half = input.length >> 1;
  for (const bytes of input.slice(0, half)) await pass(task, bytes, () => {});
  const start = process.cpuUsage();
  for (const bytes of input.slice(half)) await pass(task, bytes, count);
  const used = process.cpuUsage(start);
  const events = (input.length - half) * perBatch;
  const written = [...sizes].map(([topic, size]) => `${topic} ${(size / events).toFixed(2)} B`).join(', ');
  const micros = ((used.user + used.system) / events).toFixed(2);
  process.stdout.write(`${name.padEnd(20)} ${micros} µs an event; writes of each event: ${written}\n`);
}

const never = new AbortController().signal;
const none: RuleBook = { current: () => Promise.resolve({ rulesOf: () => [] }) };

const clean: Buffer[] = [];
const cleaning = taskOf(telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 }));
for (const bytes of rawBatches()) {
  await pass(cleaning, bytes, (topic, batch) => {
    if (topic === topics.enriched) clean.push(batch);
  });
}
for (let round = 0; round < 3; round++) {
  await measure('without rules', none, clean);
  await measure('the default rules', defaultRuleBook, clean);
}
