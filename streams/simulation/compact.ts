import type { MemoryLog, StoredBatch } from '../memory-log.ts';
import { baseOffset, RecordBatchBuilder, setBaseOffset } from '../record-batch.ts';
import { RecordCursor } from '../record-cursor.ts';

/** Removes the records of a partition that a later one of their key supersedes, as a log's cleaner does. */
export function compact(log: MemoryLog, topic: string, partition: number): void {
  const batches = log.batches(topic, partition);
  const last = new Map<string, number>();
  const cursor = new RecordCursor();
  for (const { bytes } of batches) {
    cursor.reset(bytes);
    while (cursor.next()) last.set(cursor.keyText(), cursor.offset);
  }
  const kept = batches.flatMap((stored) => {
    const survivors = withoutSuperseded(stored, last);
    return survivors === null ? [] : [survivors];
  });
  log.replace(topic, partition, kept);
}

function withoutSuperseded(stored: StoredBatch, last: ReadonlyMap<string, number>): StoredBatch | null {
  const builder = new RecordBatchBuilder(1024);
  const cursor = new RecordCursor();
  const first = baseOffset(stored.bytes);
  cursor.reset(stored.bytes);
  while (cursor.next()) {
    if (last.get(cursor.keyText()) !== cursor.offset) continue;
    builder.skipTo(cursor.offset - first);
    builder.appendFrom(cursor);
  }
  const { count } = builder;
  if (count === 0) return null;
  builder.skipTo(stored.nextOffset - first);
  const bytes = builder.finish();
  setBaseOffset(bytes, first);
  return { ...stored, bytes, count };
}
