import type { Place } from '../../client.ts';
import { byTopic } from './by-topic.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Version 12: a transaction takes up the partitions by itself (KIP-890, transaction.version 2). */
export const produceApi = { key: 0, version: 12 } as const;

const acksAll = -1;

/** One record batch for a partition, in pieces that are sent behind each other. A request has one of each partition. */
export interface ProducePart extends Place {
  readonly pieces: readonly Buffer[];
}

export interface ProducedPart extends Place {
  readonly errorCode: number;
  readonly message: string | null;
  readonly baseOffset: number;
}

/** The body in pieces: the batches stand among them uncopied. */
export function encodeProduce(
  transactionalId: string | null,
  timeoutMs: number,
  parts: readonly ProducePart[],
): Buffer[] {
  const pieces: Buffer[] = [];
  let w = new WireWriter();
  w.string(transactionalId).int16(acksAll).int32(timeoutMs);
  const topics = byTopic(parts);
  w.uvarint(topics.length + 1);
  for (const [topic, ofTopic] of topics) {
    w.string(topic).uvarint(ofTopic.length + 1);
    for (const part of ofTopic) {
      w.int32(part.partition).uvarint(part.pieces.reduce((sum, piece) => sum + piece.length, 0) + 1);
      pieces.push(w.written(), ...part.pieces);
      w = new WireWriter();
      w.tags();
    }
    w.tags();
  }
  w.tags();
  pieces.push(w.written());
  return pieces;
}

export function decodeProduce(bytes: Buffer): ProducedPart[] {
  const r = new WireReader(bytes);
  const topics = r.array(() => {
    const topic = r.string() ?? '';
    const partitions = r.array(() => readPart(r, topic));
    r.tags();
    return partitions;
  });
  return topics.flat();
}

function readPart(r: WireReader, topic: string): ProducedPart {
  const partition = r.int32();
  const errorCode = r.int16();
  const baseOffset = r.int64();
  r.int64();
  r.int64();
  r.array(() => {
    r.int32();
    r.string();
    r.tags();
  });
  const message = r.string();
  r.tags();
  return { topic, partition, errorCode, message, baseOffset };
}
