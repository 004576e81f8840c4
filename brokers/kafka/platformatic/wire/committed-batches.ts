import { attributesAt, baseOffset, batchHeaderBytes, offsetSpan } from '../../../../streams/record-batch.ts';
import type { AbortedFrom } from './fetch.ts';

const transactionalBit = 16;
const controlBit = 32;
const producerIdAt = 43;
const abortMarker = 0;

export interface CommittedBatches {
  readonly batches: Buffer[];
  /** After the last whole batch, whatever it was; undefined where there is none. */
  readonly nextOffset: number | undefined;
}

/**
 * The whole batches of committed data in a fetched range, from `fromOffset` on, each a view of it. Left out: control
 * batches, and batches of transactions that were aborted (KIP-98: from the offset in the list up to the producer's
 * abort marker).
 */
export function committedBatches(
  records: Buffer,
  abortedFrom: readonly AbortedFrom[],
  fromOffset: number,
): CommittedBatches {
  const waiting = [...abortedFrom].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<number>();
  const batches: Buffer[] = [];
  let nextOffset: number | undefined;
  for (let at = 0; records.length - at >= batchHeaderBytes;) {
    const end = at + 12 + records.readInt32BE(at + 8);
    if (end > records.length || end <= at) break;
    const batch = records.subarray(at, end);
    at = end;
    nextOffset = baseOffset(batch) + offsetSpan(batch);
    for (let next = waiting[0]; next !== undefined && next.firstOffset < nextOffset; next = waiting[0]) {
      aborting.add(next.producerId);
      waiting.shift();
    }
    if (isWanted(batch, aborting) && nextOffset > fromOffset) batches.push(batch);
  }
  return { batches, nextOffset };
}

function isWanted(batch: Buffer, aborting: Set<number>): boolean {
  const attributes = batch.readInt16BE(attributesAt);
  const producerId = Number(batch.readBigInt64BE(producerIdAt));
  if ((attributes & controlBit) !== 0) {
    if (controlType(batch) === abortMarker) aborting.delete(producerId);
    return false;
  }
  // A compacted topic keeps emptied batches to remember their producer.
  if (batch.length === batchHeaderBytes) return false;
  return (attributes & transactionalBit) === 0 || !aborting.has(producerId);
}

/** A control record's key is its version and its type, two bytes each. */
function controlType(batch: Buffer): number {
  let at = batchHeaderBytes;
  const skipVarint = (): void => {
    while ((batch[at++] ?? 0) > 127);
  };
  skipVarint();
  at++;
  for (let field = 0; field < 3; field++) skipVarint();
  return at + 4 <= batch.length ? batch.readInt16BE(at + 2) : -1;
}
