import type { headers } from '../../contracts/topics.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { SinkBatch } from '../../streams/sink.ts';

/** One record to store, read in place. A single object that moves over the batches. */
export interface LiveRecord {
  readonly cursor: RecordCursor;
  partition: number;
  /** Its place among the live records of the write, from 0. */
  ordinal: number;
}

/** The records of a write that have a value and were not written before, in order. */
export function* liveRecords(batches: readonly SinkBatch[]): Generator<LiveRecord, undefined> {
  const cursor = new RecordCursor();
  const record: LiveRecord = { cursor, partition: 0, ordinal: -1 };
  for (const batch of batches) {
    cursor.reset(batch.bytes);
    record.partition = batch.partition;
    while (cursor.next()) {
      if (cursor.offset < batch.firstOffset || cursor.valueStart < 0) continue;
      record.ordinal++;
      yield record;
    }
    cursor.release();
  }
}

/** Tells which records carry a header with the value `true`. Most buffers hold none: one search says so for all of it. */
export function createHeaderTest(
  name: (typeof headers)['backfill' | 'completes'],
): (cursor: RecordCursor) => boolean {
  let searched: Buffer | undefined;
  let mayHold = false;
  return (cursor) => {
    if (cursor.bytes !== searched) {
      searched = cursor.bytes;
      mayHold = searched.includes(name, 0, 'latin1');
    }
    return mayHold && cursor.headers()[name] === 'true';
  };
}
