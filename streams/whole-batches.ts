import { isPlainBatch } from './plain-batch.ts';
import { baseOffset, maxTimestampMs, offsetSpan, openBatchEnd, recordCount } from './record-batch.ts';
import { maxBatchBytes } from './sealed-batches.ts';
import type { Batch } from './source.ts';

/** Record batches that may go on as they are, in order. */
export interface WholeBatches {
  readonly batches: readonly Buffer[];
  readonly records: number;
  readonly maxEventTimeMs: number;
}

/** So few batches go on whatever their size; of more, small ones are better joined: a log takes them one by one. */
const fewBatches = 4;
const largeBytes = 16 * 1024;

/**
 * What was read, as views of its record batches, where each may go to another log unread: it is as a builder seals
 * it (not a control batch, not a transaction's), none of its records was processed before or is missing, and the log
 * accepts its size. null where one is not so, or where they are many and small. Throws `BATCH_CORRUPT` on a wrong
 * checksum.
 */
export function wholeBatches({ bytes, firstOffset }: Batch): WholeBatches | null {
  const batches: Buffer[] = [];
  let records = 0;
  let maxEventTimeMs = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < bytes.length;) {
    const end = openBatchEnd(bytes, at);
    const batch = bytes.subarray(at, end);
    if (!isWhole(batch, firstOffset)) return null;
    batches.push(batch);
    records += recordCount(batch);
    maxEventTimeMs = Math.max(maxEventTimeMs, maxTimestampMs(batch));
    at = end;
  }
  if (batches.length > fewBatches && bytes.length < batches.length * largeBytes) return null;
  return { batches, records, maxEventTimeMs };
}

function isWhole(batch: Buffer, firstOffset: number): boolean {
  const count = recordCount(batch);
  return (
    isPlainBatch(batch) &&
    baseOffset(batch) >= firstOffset &&
    count > 0 &&
    offsetSpan(batch) === count &&
    batch.length <= maxBatchBytes
  );
}
