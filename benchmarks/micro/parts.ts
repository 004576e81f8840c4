import { addDevice } from '../../enrichers/add-device.ts';
import { decode } from '../../enrichers/decode.ts';
import { dedupe } from '../../enrichers/dedupe.ts';
import { FingerprintSet } from '../../enrichers/fingerprint-set.ts';
import { normalise } from '../../enrichers/normalise.ts';
import { rawFormat } from '../../enrichers/telemetry-format.ts';
import { relay } from '../../pipelines/relay.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { isJsonValue } from '../../streams/json-check.ts';
import { PartitionTask } from '../../streams/partition-task.ts';
import { createRandom } from '../../streams/random.ts';
import { compressBatch, RecordBatchBuilder } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { StageMetrics } from '../../streams/stage-metrics.ts';
import { from, type Topology } from '../../streams/topology.ts';

/** Something to measure. `run` handles every event of the batches once, from a fresh state. */
export interface Part {
  readonly name: string;
  readonly run: (batches: readonly Buffer[]) => Promise<void> | void;
}

const recordsOf = 'read the records';
const source = { topics: ['raw'], format: rawFormat, ingestTimeField: 'ingestTime' };
const asIs = { topic: 'out', partitionBy: 'same', value: 'as-is' } as const;
const options = { windowMs: 600_000, marksRetentionMs: 86_400_000 };
const decoded = () => from('t', source).through(decode);
const deduped = () => decoded().through(dedupe(options));

/** Codecs and state alone, then the telemetry topology with one stage more each time, plain records in and out. */
export const parts: readonly Part[] = [
  { name: recordsOf, run: (batches) => walk(batches, () => {}) },
  { name: 'read and write the records', run: copyRecords },
  { name: 'compress (zstd)', run: (batches) => batches.forEach((batch) => void compressBatch(batch)) },
  { name: 'check JSON', run: (batches) => walk(batches, checkJson) },
  { name: 'dedupe set, new ids', run: addIds },
  topologyPart('engine, no stage', () => from('t', source).to(asIs).build()),
  topologyPart('relay, by key', () => relay),
  topologyPart('+ decode', () => decoded().to(asIs).build()),
  topologyPart('+ dedupe', () => deduped().to(asIs).build()),
  topologyPart('+ normalise', () => deduped().through(normalise).to(asIs).build()),
  topologyPart('+ add-device', () => deduped().through(normalise).through(addDevice).to(asIs).build()),
  topologyPart('telemetry: + the enriched JSON', () => telemetry(options)),
];

function topologyPart(name: string, topologyOf: () => Topology): Part {
  return { name, run: (batches) => runTask(topologyOf(), batches) };
}

const never = new AbortController().signal;
const transaction = {
  append: () => {},
  commit: () => Promise.resolve(),
  abort: () => Promise.resolve(),
};

/** Runs a topology on one partition, from a fresh state. */
export async function runTask(
  topology: Topology,
  batches: readonly Buffer[],
  compress = false,
): Promise<void> {
  const run = openTask(topology, { compress });
  for (const batch of batches) await run.process(batch);
}

/** A topology on one partition, whose state stays from batch to batch; nothing is written. */
export interface OpenTask {
  /** Reads back what `readAll` gives of each changelog; before the first batch. */
  restore(): Promise<unknown>;
  process(batch: Buffer): Promise<void>;
}

export function openTask(
  topology: Topology,
  options: { readonly compress?: boolean; readonly readAll?: (topic: string) => AsyncIterable<Buffer> } = {},
): OpenTask {
  const { compress = false, readAll = async function* () {} } = options;
  const task = new PartitionTask({
    topology,
    partition: 0,
    log: { begin: () => transaction, partitionCount: () => 4, readAll },
    deadLetterTopic: 'dead-letters',
    clock: createSystemClock(),
    random: createRandom(1),
    metrics: topology.stages.map((stage) => new StageMetrics(stage.name)),
    stopwatchMs: () => performance.now(),
    recordsAs: 'bytes',
    compress,
  });
  const place = { topic: 'raw', partition: 0, count: 0, firstOffset: 0, nextOffset: 0, revoked: never };
  const ack = (): Promise<void> => Promise.resolve();
  return {
    restore: () => task.restore(),
    async process(bytes) {
      await task.process({ ...place, bytes, ack, nack: ack });
      task.moveTo(transaction);
      task.settle();
    },
  };
}

function walk(batches: readonly Buffer[], each: (cursor: RecordCursor) => void): void {
  const cursor = new RecordCursor();
  for (const batch of batches) {
    cursor.reset(batch);
    while (cursor.next()) each(cursor);
  }
}

function checkJson({ bytes, valueStart, valueEnd }: RecordCursor): void {
  if (!isJsonValue(bytes, valueStart, valueEnd, 64))
    throw new Error('The benchmark made an event that is no JSON.');
}

function copyRecords(batches: readonly Buffer[]): void {
  const cursor = new RecordCursor();
  const builder = new RecordBatchBuilder();
  for (const batch of batches) {
    cursor.reset(batch);
    while (cursor.next()) builder.appendFrom(cursor);
    builder.reuse(builder.finish());
  }
}

function addIds(batches: readonly Buffer[]): void {
  const set = new FingerprintSet({ windowMs: options.windowMs, seed: 1 });
  const random = createRandom(3);
  set.advance(1000);
  walk(batches, () => void set.add(random.uint32() | 0, random.uint32() | 0, random.uint32() | 0));
}
