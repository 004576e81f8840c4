import { HeaderReader, RecordCursor } from './record-cursor.ts';
import type { Batch } from './source.ts';

/** Of a batch's first record: when the platform accepted it, and its own time. Null where it does not say. */
interface FirstTimes {
  readonly count: number;
  readonly ingestMs: number | null;
  readonly eventMs: number | null;
}

/**
 * Reads the first times of batches before a sink writes them, and keeps what it had to inflate for that until `release`:
 * the sink then reads the same.
 */
export class FirstTimesReader {
  readonly times: readonly FirstTimes[];
  readonly #cursors: RecordCursor[] = [];

  /** `header` has the time of acceptance, milliseconds since the epoch. */
  constructor(batches: readonly Batch[], header: string) {
    this.times = batches.map((batch) => this.#read(batch, header));
  }

  release(): void {
    for (const cursor of this.#cursors) cursor.release();
  }

  #read(batch: Batch, header: string): FirstTimes {
    const cursor = new RecordCursor();
    this.#cursors.push(cursor);
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      if (cursor.offset < batch.firstOffset) continue;
      return { count: batch.count, ingestMs: numberIn(cursor, header), eventMs: cursor.timestampMs };
    }
    return { count: batch.count, ingestMs: null, eventMs: null };
  }
}

function numberIn(cursor: RecordCursor, header: string): number | null {
  const reader = new HeaderReader();
  reader.reset(cursor.bytes, cursor.headersStart);
  while (reader.next()) {
    if (cursor.bytes.toString('latin1', reader.nameStart, reader.nameEnd) !== header) continue;
    const value = Number(cursor.bytes.toString('latin1', reader.valueStart, reader.valueEnd));
    return Number.isFinite(value) ? value : null;
  }
  return null;
}
