import type { PlaceOffset } from '../../client.ts';
import { byTopic } from './by-topic.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Version 12: the last one that names topics; with the lists of aborted transactions. */
export const fetchApi = { key: 1, version: 12 } as const;

const readCommitted = 1;
const noSession = { id: 0, epoch: -1 };
const unknownEpoch = -1;

export interface FetchRequest {
  readonly from: readonly PlaceOffset[];
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/** Where a producer's aborted records begin: they end at its next control batch. */
export interface AbortedFrom {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedFrom[];
  /** Batches behind each other; the last may be cut. */
  readonly records: Buffer;
}

export interface FetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

/** The body of a Fetch request outside fetch sessions, that sees committed records only. */
export function encodeFetch(request: FetchRequest): Buffer {
  const w = new WireWriter();
  w.int32(-1).int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes).int8(readCommitted);
  w.int32(noSession.id).int32(noSession.epoch);
  w.array(byTopic(request.from), ([topic, places]) => {
    w.string(topic).array(places, ({ partition, offset }) => {
      w.int32(partition).int32(unknownEpoch).int64(offset).int32(unknownEpoch).int64(-1);
      w.int32(request.maxPartitionBytes).tags();
    });
    w.tags();
  });
  w.array([], () => {})
    .string('')
    .tags();
  return w.written();
}

export function decodeFetch(bytes: Buffer): FetchAnswer {
  const r = new WireReader(bytes);
  r.int32();
  const errorCode = r.int16();
  r.int32();
  const topics = r.array(() => {
    const topic = r.string() ?? '';
    const partitions = r.array(() => readPartition(r, topic));
    r.tags();
    return partitions;
  });
  return { errorCode, partitions: topics.flat() };
}

function readPartition(r: WireReader, topic: string): FetchedPartition {
  const partition = r.int32();
  const errorCode = r.int16();
  r.int64();
  const lastStableOffset = r.int64();
  r.int64();
  const aborted = r.array(() => {
    const from = { producerId: r.int64(), firstOffset: r.int64() };
    r.tags();
    return from;
  });
  r.int32();
  const records = r.range() ?? Buffer.alloc(0);
  r.tags();
  return { topic, partition, errorCode, lastStableOffset, aborted, records };
}
