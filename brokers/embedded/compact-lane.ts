import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import {
  checkBatch,
  offsetSpan,
  RecordBatchBuilder,
  recordCount,
  setBaseOffset,
} from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { blob } from './database.ts';
import type { Lane, LaneDeps, StoredBatch } from './lane.ts';

export function compactLaneSchema(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
      record_offset INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, timestamp_ms INTEGER NOT NULL,
      appended_at_ms INTEGER NOT NULL,
      value BLOB NOT NULL, headers BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS ${table}_end (id INTEGER PRIMARY KEY CHECK (id = 0), next_offset INTEGER NOT NULL);`;
}

const pageRecords = 4096;

/**
 * A lane that keeps the newest record of each key, a row each; a tombstone removes its key at once.
 * Offsets keep counting, so what is read back has gaps.
 */
export function createCompactLane(db: DatabaseSync, { table, nowMs }: LaneDeps): Lane {
  const removeKey = db.prepare(`DELETE FROM ${table} WHERE key = ?`);
  const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`);
  const selectEnd = db.prepare(`SELECT next_offset FROM ${table}_end`);
  const updateEnd = db.prepare(
    `INSERT INTO ${table}_end VALUES (0, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`,
  );
  const selectFirst = db.prepare(`SELECT MIN(record_offset) AS first FROM ${table}`);
  const selectFrom = db.prepare(
    `SELECT * FROM ${table} WHERE record_offset >= ? ORDER BY record_offset LIMIT ?`,
  );
  const selectAppended = db.prepare(`SELECT appended_at_ms FROM ${table} WHERE record_offset = ?`);
  const selectSize = db.prepare(
    `SELECT COALESCE(SUM(length(key) + length(value) + length(headers)), 0) AS size_bytes FROM ${table}`,
  );
  const cursor = new RecordCursor();
  const builder = new RecordBatchBuilder();
  let end: number | undefined;

  const endOffset = (): number => (end ??= Number(selectEnd.get()?.['next_offset'] ?? 0));

  const replace = (offset: number): void => {
    if (cursor.keyStart < 0) {
      const message = `A record for the compacted ${table} has no key: give it one.`;
      throw new OpenFrameError('ARGUMENT_INVALID', message);
    }
    const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
    removeKey.run(key);
    const value = cursor.value();
    if (value === null) return;
    const headers = cursor.bytes.subarray(cursor.headersStart, cursor.headersEnd);
    insert.run(offset, key, cursor.timestampMs, nowMs(), value, headers);
  };

  const read = (fromOffset: number, maxRecords: number): readonly StoredBatch[] => {
    const limit = Math.min(maxRecords, pageRecords);
    const rows = selectFrom.all(fromOffset, limit);
    const first = rows[0];
    if (first === undefined) return [];
    const firstOffset = Number(first['record_offset']);
    for (const row of rows) {
      builder.skipTo(Number(row['record_offset']) - firstOffset);
      builder.append(Number(row['timestamp_ms']), blob(row['key']), blob(row['value']), blob(row['headers']));
    }
    const bytes = builder.finish();
    setBaseOffset(bytes, firstOffset);
    const nextOffset = rows.length < limit ? endOffset() : firstOffset + offsetSpan(bytes);
    return [{ firstOffset, nextOffset, count: rows.length, bytes }];
  };

  return {
    append(batch) {
      checkBatch(batch);
      const baseOffset = endOffset();
      const delta = baseOffset - Number(batch.readBigInt64BE(0));
      cursor.reset(batch);
      for (let left = recordCount(batch); left > 0 && cursor.next(); left--) replace(cursor.offset + delta);
      end = baseOffset + offsetSpan(batch);
      updateEnd.run(end);
      return baseOffset;
    },
    endOffset,
    firstOffset: () => Number(selectFirst.get()?.['first'] ?? endOffset()),
    appendedAtMs(offset) {
      const row = selectAppended.get(offset);
      return row === undefined ? null : Number(row['appended_at_ms']);
    },
    readRecords: read,
    readBytes: (fromOffset, maxBytes) => read(fromOffset, Math.max(1, Math.ceil(maxBytes / 256))),
    expiredBelow: () => 0,
    removeBelow: () => undefined,
    sizeBytes: () => Number(selectSize.get()?.['size_bytes'] ?? 0),
    forget: () => {
      end = undefined;
    },
  };
}
