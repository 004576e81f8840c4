import { expect, it } from 'vitest';

import { recordsIn, sealed } from '../../../../conformance/batches.ts';
import { checkBatch, setBaseOffset } from '../../../../streams/record-batch.ts';
import { roundsOf } from '../producing.ts';
import { committedBatches } from './committed-batches.ts';
import { decodeFetch, encodeFetch } from './fetch.ts';
import { decodeProduce, encodeProduce } from './produce.ts';
import { sealForProducer } from './seal-for-producer.ts';
import { decodeEndTxn, decodeTxnOffsetCommit, encodeEndTxn, encodeTxnOffsetCommit } from './transaction.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const controlBit = 32;

/** A batch as the broker stores it: at its offset, written by a producer in a transaction. */
function stored(offset: number, producerId: number, ...values: string[]): Buffer {
  const batch = Buffer.concat(sealForProducer(sealed(...values), { producerId, epoch: 0, baseSequence: 0 }));
  setBaseOffset(batch, offset);
  return batch;
}

/** The marker that ends a transaction: a key of version and type (0 abort, 1 commit). */
function marker(offset: number, producerId: number, type: 0 | 1): Buffer {
  const batch = sealed({ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) });
  batch.writeInt16BE(controlBit | 16, 21);
  batch.writeBigInt64BE(BigInt(producerId), 43);
  setBaseOffset(batch, offset);
  return batch;
}

it('writes numbers and texts that it reads back', () => {
  const w = new WireWriter(1);
  w.int8(1)
    .int16(-2)
    .int32(-3)
    .int64(2 ** 40 + 5)
    .int64(-1)
    .uvarint(300)
    .string('é')
    .string(null)
    .tags();
  const r = new WireReader(w.written());
  r.position = 1;
  expect([r.int16(), r.int32(), r.int64(), r.int64(), r.uvarint(), r.string(), r.string()]).toEqual([
    -2,
    -3,
    2 ** 40 + 5,
    -1,
    300,
    'é',
    null,
  ]);
  r.tags();
  expect(r.position).toBe(w.length);
});

it('refuses an answer that ends early', () => {
  const w = new WireWriter().uvarint(100).int32(0);
  expect(() => new WireReader(w.written()).range()).toThrow(RangeError);
});

it('reads the answer of a broker that no longer leads, which names the leader in a tagged field', () => {
  const leader = '0009' + 'ffffffff0000000100';
  const part = (partition: number): string => `0000000${partition}0006${'ff'.repeat(24)}010001${leader}`;
  const answer = Buffer.from(`02027203${part(0)}${part(1)}000000000000`, 'hex');
  const moved = { topic: 'r', errorCode: 6, message: null };
  expect(decodeProduce(answer)).toMatchObject([
    { ...moved, partition: 0 },
    { ...moved, partition: 1 },
  ]);
});

it('leaves out aborted transactions, their markers, and the batch that is cut', () => {
  const records = Buffer.concat([
    stored(10, 1, 'aborted'),
    stored(11, 2, 'kept'),
    marker(12, 1, 0),
    stored(13, 1, 'later'),
    marker(14, 2, 1),
    stored(15, 2, 'cut').subarray(0, 70),
  ]);
  const { batches, nextOffset } = committedBatches(records, [{ producerId: 1, firstOffset: 10 }], 10);
  expect(batches.flatMap((batch) => recordsIn(batch))).toEqual(['11:kept', '13:later']);
  expect(nextOffset).toBe(15);
});

it('passes what compaction left empty, and what is below the offset asked for', () => {
  const records = Buffer.concat([stored(1, 1, 'old'), marker(2, 1, 1)]);
  expect(committedBatches(records, [], 2)).toEqual({ batches: [], nextOffset: 3 });
  expect(committedBatches(Buffer.alloc(0), [], 7)).toEqual({ batches: [], nextOffset: undefined });
});

it('seals for a producer without a change to the batch, and with a right checksum', () => {
  const batch = sealed('a', 'b');
  const stamped = sealForProducer(batch, { producerId: 7, epoch: 3, baseSequence: 5 });
  expect(batch).toEqual(sealed('a', 'b'));
  const whole = Buffer.concat(stamped);
  checkBatch(whole);
  expect([whole.readBigInt64BE(43), whole.readInt16BE(51), whole.readInt32BE(53)]).toEqual([7n, 3, 5]);
  expect(whole.readInt16BE(21) & 16).toBe(16);
});

it('asks for each topic once, with its partitions', () => {
  const place = (topic: string, partition: number) => ({ topic, partition, offset: 9 });
  const from = [place('a', 0), place('b', 0), place('a', 1)];
  const body = encodeFetch({ from, maxWaitMs: 5, minBytes: 1, maxBytes: 10, maxPartitionBytes: 6 });
  const r = new WireReader(body);
  expect([r.int32(), r.int32(), r.int32(), r.int32()]).toEqual([-1, 5, 1, 10]);
  r.position += 1 + 4 + 4;
  const topics = r.array(() => {
    const name = r.string();
    const partitions = r.array(() => {
      const partition = r.int32();
      r.position += 4 + 8 + 4 + 8 + 4;
      r.tags();
      return partition;
    });
    r.tags();
    return [name, partitions];
  });
  expect(topics).toEqual([
    ['a', [0, 1]],
    ['b', [0]],
  ]);
});

it('reads what a fetch brought, with the list of aborted transactions', () => {
  const batch = sealed('a');
  const w = new WireWriter().int32(0).int16(0).int32(0).uvarint(2).string('in').uvarint(2);
  w.int32(3).int16(0).int64(8).int64(7).int64(0).uvarint(2).int64(1).int64(5).tags().int32(-1);
  w.uvarint(batch.length + 1);
  const end = new WireWriter().tags().tags().tags().written();
  const { partitions } = decodeFetch(Buffer.concat([w.written(), batch, end]));
  expect(partitions).toEqual([
    {
      topic: 'in',
      partition: 3,
      errorCode: 0,
      lastStableOffset: 7,
      aborted: [{ producerId: 1, firstOffset: 5 }],
      records: batch,
    },
  ]);
});

it('sends a batch as it is, in one piece of its own', () => {
  const batch = sealed('a');
  const pieces = encodeProduce('id', 100, [{ topic: 'out', partition: 1, pieces: [batch] }]);
  expect(pieces).toContain(batch);
  const r = new WireReader(Buffer.concat(pieces));
  expect([r.string(), r.int16(), r.int32(), r.uvarint(), r.string(), r.uvarint()]).toEqual([
    'id',
    -1,
    100,
    2,
    'out',
    2,
  ]);
  expect([r.int32(), r.range()]).toEqual([1, batch]);
});

it('reads what became of each part', () => {
  const w = new WireWriter().uvarint(2).string('out').uvarint(2);
  w.int32(1).int16(87).int64(-1).int64(-1).int64(0).uvarint(1).string('no key').tags().tags().int32(0).tags();
  expect(decodeProduce(w.written())).toEqual([
    { topic: 'out', partition: 1, errorCode: 87, message: 'no key', baseOffset: -1 },
  ]);
});

it('puts the batches of one partition into rounds, in their order', () => {
  const to = (partition: number, value: string) => ({ topic: 'out', partition, batch: sealed(value) });
  const [a, b, c] = [to(0, 'a'), to(1, 'b'), to(0, 'c')];
  expect(roundsOf([a, b, c])).toEqual([[a, b], [c]]);
});

it('carries the member and its generation with consumed offsets', () => {
  const producer = { producerId: 7, epoch: 2 };
  const member = { group: 'g', memberId: 'm', generation: 4 };
  const body = encodeTxnOffsetCommit('id', producer, member, [{ topic: 'in', partition: 0, offset: 9 }]);
  const r = new WireReader(body);
  expect([r.string(), r.string(), r.int64(), r.int16(), r.int32(), r.string(), r.string()]).toEqual([
    'id',
    'g',
    7,
    2,
    4,
    'm',
    null,
  ]);
  const answer = new WireWriter().int32(0).uvarint(2).string('in').uvarint(2).int32(0).int16(25).tags();
  expect(decodeTxnOffsetCommit(answer.tags().tags().written())).toBe(25);
});

it('ends a transaction, and goes on with the epoch of the answer', () => {
  const r = new WireReader(encodeEndTxn('id', { producerId: 7, epoch: 2 }, 'abort'));
  expect([r.string(), r.int64(), r.int16()]).toEqual(['id', 7, 2]);
  expect(r.bytes[r.position]).toBe(0);
  const answer = new WireWriter().int32(0).int16(0).int64(7).int16(3).tags().written();
  expect(decodeEndTxn(answer)).toEqual({ errorCode: 0, producerId: 7, epoch: 3 });
});
