import { RecordBatchBuilder, setBaseOffset } from '../../streams/record-batch.ts';
import type { Records } from './delivery-ledger.ts';
import { appendRecord } from './incoming-message.ts';
import type { PullSession } from './pull-session.ts';

const maxBatchBytes = 4 * 1024 * 1024;
const builder = new RecordBatchBuilder();

/**
 * What the session has, as one record batch at the stream's sequences; undefined where it has nothing. What was
 * published together stays together, so there may be more than `maxRecords`.
 */
export function nextRecords(session: PullSession, maxRecords: number, prefix: string): Records | undefined {
  let firstOffset = 0;
  let nextOffset = 0;
  let isWhole = true;
  while ((builder.count < maxRecords || !isWhole) && builder.sizeBytes < maxBatchBytes) {
    const delivered = session.next();
    if (delivered === undefined) break;
    if (builder.count === 0) firstOffset = delivered.sequence;
    builder.skipTo(delivered.sequence - firstOffset);
    appendRecord(builder, delivered, prefix);
    nextOffset = delivered.sequence + 1;
    isWhole = delivered.endsBatch;
  }
  const { count } = builder;
  if (count === 0) return undefined;
  const bytes = builder.finish();
  setBaseOffset(bytes, firstOffset);
  return { bytes, count, firstOffset, nextOffset };
}
