import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import {
  baseOffset,
  checkBatch,
  offsetSpan,
  RecordBatchBuilder,
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
export function createCompactLane(db: DatabaseSync, deps: LaneDeps): Lane {
  return new CompactLane(db, deps);
}

function prepareStatements(db: DatabaseSync, table: string) {
  return {
    removeKey: db.prepare(`DELETE FROM ${table} WHERE key = ?`),
    replace: db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`),
    end: db.prepare(`SELECT next_offset FROM ${table}_end`),
    moveEnd: db.prepare(
      `INSERT INTO ${table}_end VALUES (0, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`,
    ),
    first: db.prepare(`SELECT MIN(record_offset) AS first FROM ${table}`),
    from: db.prepare(`SELECT * FROM ${table} WHERE record_offset >= ? ORDER BY record_offset LIMIT ?`),
    appended: db.prepare(`SELECT appended_at_ms FROM ${table} WHERE record_offset = ?`),
    size: db.prepare(
      `SELECT COALESCE(SUM(length(key) + length(value) + length(headers)), 0) AS size_bytes FROM ${table}`,
    ),
  };
}

class CompactLane implements Lane {
  readonly #deps: LaneDeps;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #cursor = new RecordCursor();
  readonly #builder = new RecordBatchBuilder(4096);
  #end: number | undefined;

  constructor(db: DatabaseSync, deps: LaneDeps) {
    this.#deps = deps;
    this.#statements = prepareStatements(db, deps.table);
  }

  append(batch: Buffer): number {
    checkBatch(batch);
    const firstOffset = this.endOffset();
    const delta = firstOffset - baseOffset(batch);
    const cursor = this.#cursor;
    cursor.reset(batch);
    while (cursor.next()) this.#replace(cursor.offset + delta);
    this.#end = firstOffset + offsetSpan(batch);
    this.#statements.moveEnd.run(this.#end);
    return firstOffset;
  }

  endOffset(): number {
    return (this.#end ??= Number(this.#statements.end.get()?.['next_offset'] ?? 0));
  }

  firstOffset(): number {
    return Number(this.#statements.first.get()?.['first'] ?? this.endOffset());
  }

  appendedAtMs(offset: number): number | null {
    const row = this.#statements.appended.get(offset);
    return row === undefined ? null : Number(row['appended_at_ms']);
  }

  readRecords(fromOffset: number, maxRecords: number): readonly StoredBatch[] {
    const limit = Math.min(maxRecords, pageRecords);
    const rows = this.#statements.from.all(fromOffset, limit);
    const first = rows[0];
    if (first === undefined) return [];
    const firstOffset = Number(first['record_offset']);
    const builder = this.#builder;
    for (const row of rows) {
      builder.skipTo(Number(row['record_offset']) - firstOffset);
      builder.append(Number(row['timestamp_ms']), blob(row['key']), blob(row['value']), blob(row['headers']));
    }
    const bytes = builder.finish();
    setBaseOffset(bytes, firstOffset);
    const nextOffset = rows.length < limit ? this.endOffset() : firstOffset + offsetSpan(bytes);
    return [{ firstOffset, nextOffset, count: rows.length, bytes }];
  }

  /** Rows are small: as many records as the bytes would hold of 256 each. */
  readBytes(fromOffset: number, maxBytes: number): readonly StoredBatch[] {
    return this.readRecords(fromOffset, Math.max(1, Math.ceil(maxBytes / 256)));
  }

  expiredBelow(): number {
    return 0;
  }

  removeBelow(): void {}

  sizeBytes(): number {
    return Number(this.#statements.size.get()?.['size_bytes'] ?? 0);
  }

  settle(): void {}

  forget(): void {
    this.#end = undefined;
  }

  #replace(offset: number): void {
    const cursor = this.#cursor;
    if (cursor.keyStart < 0) {
      const message = `A record for the compacted ${this.#deps.table} has no key: give it one.`;
      throw new OpenFrameError('ARGUMENT_INVALID', message);
    }
    const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
    const value = cursor.value();
    if (value === null) {
      this.#statements.removeKey.run(key);
      return;
    }
    const headers = cursor.bytes.subarray(cursor.headersStart, cursor.headersEnd);
    this.#statements.replace.run(offset, key, cursor.timestampMs, this.#deps.nowMs(), value, headers);
  }
}
