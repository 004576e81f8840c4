import type { PlaceOffset } from '../../client.ts';
import { byTopic } from './by-topic.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Versions 5: transaction.version 2 (KIP-890), where each end of a transaction raises the producer's epoch. */
export const txnOffsetCommitApi = { key: 28, version: 5 } as const;
export const endTxnApi = { key: 26, version: 5 } as const;

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

/** Who commits offsets: a group checks it, so that a member that lost its partitions is refused (KIP-447). */
export interface GroupIdentity {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
}

export function encodeTxnOffsetCommit(
  transactionalId: string,
  producer: ProducerIdentity,
  member: GroupIdentity,
  offsets: readonly PlaceOffset[],
): Buffer {
  const w = new WireWriter();
  w.string(transactionalId).string(member.group).int64(producer.producerId).int16(producer.epoch);
  w.int32(member.generation).string(member.memberId).string(null);
  w.array(byTopic(offsets), ([topic, places]) => {
    w.string(topic).array(places, ({ partition, offset }) => {
      w.int32(partition).int64(offset).int32(-1).string(null).tags();
    });
    w.tags();
  });
  w.tags();
  return w.written();
}

/** The first error among the partitions; 0 where there is none. */
export function decodeTxnOffsetCommit(bytes: Buffer): number {
  const r = new WireReader(bytes);
  r.int32();
  const codes = r.array(() => {
    r.string();
    const ofTopic = r.array(() => {
      r.int32();
      const code = r.int16();
      r.tags();
      return code;
    });
    r.tags();
    return ofTopic;
  });
  return codes.flat().find((code) => code !== 0) ?? 0;
}

export function encodeEndTxn(
  transactionalId: string,
  producer: ProducerIdentity,
  outcome: 'commit' | 'abort',
): Buffer {
  const w = new WireWriter();
  w.string(transactionalId).int64(producer.producerId).int16(producer.epoch);
  w.int8(outcome === 'commit' ? 1 : 0).tags();
  return w.written();
}

/** The producer's identity for its next transaction. */
export function decodeEndTxn(bytes: Buffer): ProducerIdentity & { readonly errorCode: number } {
  const r = new WireReader(bytes);
  r.int32();
  return { errorCode: r.int16(), producerId: r.int64(), epoch: r.int16() };
}
