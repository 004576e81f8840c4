import { eventIdOf } from '../../contracts/event-id.ts';
import { rawKey } from '../../contracts/topics.ts';
import { addDevice } from '../../enrichers/add-device.ts';
import { decode } from '../../enrichers/decode.ts';
import { dedupe } from '../../enrichers/dedupe.ts';
import { normalise } from '../../enrichers/normalise.ts';
import { enrichedFields, rawFormat } from '../../enrichers/telemetry-format.ts';
import { relay } from '../../pipelines/relay.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { createEventLines } from '../../simulator/event-lines.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { PartitionTask } from '../../streams/partition-task.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { StageMetrics } from '../../streams/stage-metrics.ts';
import { from, type Topology } from '../../streams/topology.ts';

/*
 * CPU of the telemetry topology alone, no I/O: from compressed record batches to compressed record batches.
 *
 *   node benchmarks/micro/telemetry.ts
 */
const batches = 60;
const perBatch = 4000;
const repeats = 5;
const clock = createSystemClock();

function rawBatches(): Buffer[] {
  const fleet = createFleet({
    agents: 5000,
    tenants: Array.from({ length: 200 }, (_, i) => `sim-${i}`),
    seed: 1,
  });
  const lines = createEventLines(createRandom(2));
  const startMs = Date.now();
  const builder = new RecordBatchBuilder();
  return Array.from({ length: batches }, (_, b) => {
    for (let i = 0; i < perBatch; i++) {
      const agent = fleet.pick();
      const event = JSON.parse(lines.next(agent, startMs + b * 100)) as Record<string, string>;
      const { id = '', source = '', type = '', time = '', subject = '' } = event;
      builder.appendRecord({
        key: rawKey(agent.tenantId, source),
        value: JSON.stringify(event['data']),
        timestampMs: startMs + b * 100,
        headers: {
          ce_specversion: '1.0',
          ce_id: id,
          ce_source: source,
          ce_type: type,
          ce_time: time,
          'content-type': 'application/json',
          tenant: agent.tenantId,
          device: subject,
          eventid: eventIdOf(agent.tenantId, source, id),
          ingesttime: String(startMs + b * 100),
        },
      });
    }
    return builder.finish({ compress: true });
  });
}

async function measure(name: string, topology: Topology, input: readonly Buffer[]): Promise<void> {
  const micros: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const task = new PartitionTask({
      topology,
      partition: 0,
      log: { begin: () => transaction, partitionCount: () => 4, readAll: async function* () {} },
      deadLetterTopic: 'dead-letters',
      clock,
      random: createRandom(1),
      metrics: topology.stages.map((stage) => new StageMetrics(stage.name)),
      stopwatchMs: () => performance.now(),
      recordsAs: 'bytes',
    });
    const start = process.cpuUsage();
    for (const bytes of input) {
      const ends = { ack: () => Promise.resolve(), nack: () => Promise.resolve(), revoked: never };
      await task.process({
        topic: 'raw',
        partition: 0,
        bytes,
        count: perBatch,
        firstOffset: 0,
        nextOffset: 0,
        ...ends,
      });
      task.moveTo(transaction);
      task.settle();
    }
    const used = process.cpuUsage(start);
    micros.push((used.user + used.system) / (batches * perBatch));
  }
  micros.sort((a, b) => a - b);
  process.stdout.write(`${name.padEnd(34)} ${micros[repeats >> 1]?.toFixed(2)} µs an event\n`);
}

const never = new AbortController().signal;
const transaction = { append: () => {}, commit: () => Promise.resolve(), abort: () => Promise.resolve() };
const source = { topics: ['raw'], format: rawFormat, ingestTimeField: 'ingestTime' };
const asIs = { topic: 'out', partitionBy: 'same', value: 'as-is' } as const;
const options = { windowMs: 600_000, marksRetentionMs: 86_400_000 };

const input = rawBatches();
process.stdout.write(
  `${Math.round(input.reduce((n, b) => n + b.length, 0) / (batches * perBatch))} B an event, compressed\n`,
);
await measure('read and write as is', from('t', source).to(asIs).build(), input);
await measure('relay (by key)', relay, input);
await measure('+ decode', from('t', source).through(decode).to(asIs).build(), input);
await measure('+ dedupe', from('t', source).through(decode).through(dedupe(options)).to(asIs).build(), input);
await measure(
  '+ normalise',
  from('t', source).through(decode).through(dedupe(options)).through(normalise).to(asIs).build(),
  input,
);
const all = from('t', source).through(decode).through(dedupe(options)).through(normalise).through(addDevice);
await measure('+ add-device', all.to(asIs).build(), input);
await measure('+ JSON of the enriched event', telemetry(options), input);
await measure(
  'the same, JSON alone',
  from('t', source)
    .through(decode)
    .through(normalise)
    .to({
      ...asIs,
      value: enrichedFields.filter(
        (f) => !['hostname', 'organizationId', 'organizationName'].includes(f.name),
      ),
    })
    .build(),
  input,
);
