import { crc32c } from '@node-rs/crc32';
import { describe, expect, it } from 'vitest';

import { DrivenSource } from './driven-source.ts';
import { MemoryLog, type StagedAppend } from './memory-log.ts';
import { PartitionTask } from './partition-task.ts';
import { createRandom } from './random.ts';
import { RecordBatchBuilder, setBaseOffset } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';
import { SealedBatches } from './sealed-batches.ts';
import type { Batch } from './source.ts';
import { from } from './topology.ts';
import { wholeBatches } from './whole-batches.ts';

const format = {
  headers: { ingesttime: { name: 'ingestTime', kind: 'number' } },
  value: { name: 'data', kind: 'json' },
} as const;
const relay = from('relay', { topics: ['in'], format, ingestTimeField: 'ingestTime' })
  .to({ topic: 'out', partitionBy: 'key', value: 'as-is' })
  .build();

function sealed(from: number, count: number, options = { compress: true }): Buffer {
  const builder = new RecordBatchBuilder();
  for (let i = from; i < from + count; i++) {
    builder.appendRecord({
      key: `k${i % 3}`,
      value: `{"n":${i}}`,
      timestampMs: 1000 + i,
      headers: { ingesttime: String(i) },
    });
  }
  return builder.finish(options);
}

/** The batches behind each other as a log hands them out: numbered. */
async function read(batches: readonly Buffer[]): Promise<Batch> {
  const log = new MemoryLog([{ name: 'in', partitions: 1 }]);
  for (const batch of batches) log.append('in', 0, batch);
  const source = new DrivenSource(log, 'relay', ['in']);
  const signal = new AbortController().signal;
  for await (const batch of source.read({ maxRecords: 10_000, maxWaitMs: 0, signal })) {
    if (batch !== null) return batch;
  }
  throw new Error('the log has no batch');
}

/** A relay at work: its output goes to so many partitions. */
function relayTo(partitions: number, compress = true): PartitionTask {
  return new PartitionTask({
    topology: relay,
    partition: 0,
    log: {
      partitionCount: () => partitions,
      begin: () => {
        throw new Error('the test commits nothing');
      },
      readAll: () => {
        throw new Error('the relay restores nothing');
      },
    },
    deadLetterTopic: 'letters',
    clock: { nowMs: () => 0, sleep: async () => {} },
    random: createRandom(1),
    metrics: [],
    stopwatchMs: () => 0,
    recordsAs: 'bytes',
    compress,
  });
}

function staged(task: PartitionTask): Buffer[] {
  const appends: StagedAppend[] = [];
  task.moveTo({
    append: (topic, partition, batch) => void appends.push({ topic, partition, batch }),
    commit: async () => {},
    abort: async () => {},
  });
  return appends.map(({ batch }) => batch);
}

function recordsOf(batches: readonly Buffer[]): string[] {
  const cursor = new RecordCursor();
  const records: string[] = [];
  for (const batch of batches) {
    cursor.reset(batch);
    while (cursor.next()) {
      records.push(
        `${cursor.timestampMs} ${cursor.keyText()} ${cursor.value()?.toString()} ${cursor.headers()['ingesttime']}`,
      );
    }
  }
  return records;
}

const stored = [sealed(0, 30), sealed(30, 20)];

describe('a topology without stages', () => {
  it('passes whole batches on unread where there is one partition to go to', async () => {
    const task = relayTo(1);
    const counts = await task.process(await read(stored));
    expect(counts).toEqual({ records: 50, maxEventTimeMs: 1049, ingestTimesMs: [0] });
    expect(task.outputCount).toBe(50);
    expect(staged(task)).toEqual(stored);
    expect(task.outputCount).toBe(0);
  });

  it('gives the same records as reading each does', async () => {
    const spread = relayTo(3);
    const counts = await spread.process(await read(stored));
    expect(counts).toMatchObject({ records: 50, maxEventTimeMs: 1049 });
    expect(recordsOf(staged(spread)).toSorted()).toEqual(recordsOf(stored).toSorted());
  });

  it('reads a batch of which a part was processed before, and keeps the order with those that follow', async () => {
    const task = relayTo(1);
    const first = await read(stored);
    expect(await task.process({ ...first, firstOffset: 10 })).toMatchObject({ records: 40 });
    expect(await task.process(await read([sealed(50, 40)]))).toMatchObject({ records: 40 });
    expect(recordsOf(staged(task))).toEqual(recordsOf([...stored, sealed(50, 40)]).slice(10));
  });

  it('compresses what came uncompressed, unless it is not to', async () => {
    const plain = await read([sealed(0, 100, { compress: false })]);
    const compressing = relayTo(1);
    await compressing.process(plain);
    expect(staged(compressing)).toEqual([sealed(0, 100)]);
    const passing = relayTo(1, false);
    await passing.process(plain);
    expect(staged(passing)).toEqual([sealed(0, 100, { compress: false })]);
  });

  it('tells the latency of every small batch and of some large ones', async () => {
    const task = relayTo(1);
    const sampled = async (records: number): Promise<number> => {
      let samples = 0;
      const batch = await read([sealed(0, records)]);
      for (let i = 0; i < 32; i++) samples += (await task.process(batch)).ingestTimesMs.length;
      return samples;
    };
    expect(await sampled(10)).toBe(32);
    expect(await sampled(100)).toBe(2);
  });
});

describe('whole batches', () => {
  it('are none where one is a control batch, a transaction’s, a numbered producer’s or of another codec', async () => {
    const changes = {
      control: (batch: Buffer) => batch.writeInt16BE(0x30, 21),
      transactional: (batch: Buffer) => batch.writeInt16BE(0x10 + 4, 21),
      numbered: (batch: Buffer) => batch.writeBigInt64BE(7n, 43),
      gzip: (batch: Buffer) => batch.writeInt16BE(1, 21),
    };
    expect(wholeBatches(await read([sealed(0, 30)]))).not.toBeNull();
    for (const [kind, change] of Object.entries(changes)) {
      const changed = sealed(0, 30);
      change(changed);
      changed.writeUInt32BE(crc32c(changed.subarray(21)), 17);
      expect(wholeBatches(await read([sealed(0, 30), changed])), kind).toBeNull();
    }
  });

  it('are none where compaction took records, or a batch is larger than the log accepts', async () => {
    const builder = new RecordBatchBuilder();
    builder.appendRecord({ key: 'a', value: '1', timestampMs: 1 });
    builder.skipTo(2);
    builder.appendRecord({ key: 'b', value: '2', timestampMs: 1 });
    expect(wholeBatches(await read([builder.finish()]))).toBeNull();
    builder.appendRecord({ key: 'c', value: Buffer.alloc(900_001), timestampMs: 1 });
    expect(wholeBatches(await read([builder.finish()]))).toBeNull();
  });

  it('are none where many are small', async () => {
    const small = Array.from({ length: 5 }, (_, i) => sealed(i * 10, 10));
    expect(wholeBatches(await read(small.slice(0, 4)))?.records).toBe(40);
    expect(wholeBatches(await read(small))).toBeNull();
    const large = Array.from({ length: 5 }, (_, i) => sealed(i * 1000, 1000, { compress: false }));
    expect(wholeBatches(await read(large))?.batches).toHaveLength(5);
  });

  it('are looked at only where their checksum is right', async () => {
    const batch = await read(stored);
    batch.bytes[batch.bytes.length - 1] = 0xff ^ (batch.bytes.at(-1) ?? 0);
    expect(() => wholeBatches(batch)).toThrow(expect.objectContaining({ code: 'BATCH_CORRUPT' }));
  });
});

describe('sealed batches that were appended as they are', () => {
  it('are copies, at offset 0 and without a leader, between the records around them', () => {
    const numbered = sealed(10, 50);
    setBaseOffset(numbered, 77);
    numbered.writeInt32BE(5, 12);
    const batches = new SealedBatches(16);
    batches.appendRecord({ key: 'a', value: '1', timestampMs: 1 });
    batches.appendBatch(numbered);
    batches.appendRecord({ key: 'b', value: '2', timestampMs: 1 });
    expect(batches.count).toBe(52);
    const taken = batches.take();
    expect(taken).toHaveLength(3);
    expect(taken[1]).toEqual(sealed(10, 50));
    numbered.fill(0);
    expect(recordsOf(taken)).toHaveLength(52);
  });

  it('never serve as the builder’s memory', () => {
    const batches = new SealedBatches(16, false);
    batches.appendBatch(sealed(0, 50));
    const [passed] = batches.take();
    batches.reuseTaken();
    for (let i = 0; i < 100; i++) batches.appendRecord({ key: 'k', value: 'x'.repeat(100), timestampMs: 1 });
    batches.take();
    expect(passed).toEqual(sealed(0, 50));
  });
});
