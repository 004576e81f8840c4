import type { DatabaseSync } from 'node:sqlite';

import { checkBatch, offsetSpan, recordCount, setBaseOffset } from '../../streams/record-batch.ts';
import { blob } from './database.ts';
import type { Lane, LaneDeps, Retention, StoredBatch } from './lane.ts';

/** `end_bytes` counts all bytes ever stored up to this batch: the difference of two rows is a size. */
export function batchLaneSchema(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
    base_offset INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, count INTEGER NOT NULL,
    appended_at_ms INTEGER NOT NULL, end_bytes INTEGER NOT NULL, bytes BLOB NOT NULL);`;
}

interface Newest {
  readonly nextOffset: number;
  readonly endBytes: number;
}

const columns = 'base_offset, next_offset, count, bytes';

/**
 * A lane that keeps whole record batches, a row each. The newest batch is never removed: it says where the
 * offsets go on.
 */
export function createBatchLane(db: DatabaseSync, { table, nowMs }: LaneDeps): Lane {
  const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`);
  const selectNewest = db.prepare(
    `SELECT base_offset, next_offset, end_bytes FROM ${table} ORDER BY base_offset DESC LIMIT 1`,
  );
  const selectOldest = db.prepare(
    `SELECT base_offset, end_bytes - length(bytes) AS start_bytes FROM ${table} ORDER BY base_offset LIMIT 1`,
  );
  const selectHolding = db.prepare(
    `SELECT base_offset, next_offset, appended_at_ms FROM ${table} WHERE base_offset <= ? ORDER BY base_offset DESC LIMIT 1`,
  );
  const selectOffsets = db.prepare(
    `SELECT ${columns} FROM ${table} WHERE base_offset >= ? AND base_offset < ? AND next_offset <= ?
     ORDER BY base_offset`,
  );
  const selectFrom = db.prepare(
    `SELECT ${columns} FROM ${table} WHERE base_offset >= ? ORDER BY base_offset`,
  );
  const selectAges = db.prepare(
    `SELECT next_offset, appended_at_ms, end_bytes FROM ${table} WHERE base_offset >= ? ORDER BY base_offset`,
  );
  const remove = db.prepare(
    `DELETE FROM ${table} WHERE base_offset < ?
     AND base_offset < (SELECT MAX(base_offset) FROM ${table}) AND next_offset <= ?`,
  );
  let newest: Newest | undefined;

  const loadNewest = (): Newest => {
    const row = selectNewest.get();
    return { nextOffset: Number(row?.['next_offset'] ?? 0), endBytes: Number(row?.['end_bytes'] ?? 0) };
  };
  const currentNewest = (): Newest => (newest ??= loadNewest());

  const startOf = (offset: number): number => {
    const row = selectHolding.get(offset);
    return row !== undefined && Number(row['next_offset']) > offset ? Number(row['base_offset']) : offset;
  };

  const readBytes = (fromOffset: number, maxBytes: number): StoredBatch[] => {
    const found: StoredBatch[] = [];
    let sizeBytes = 0;
    for (const row of selectFrom.iterate(startOf(fromOffset))) {
      const stored = storedBatch(row);
      sizeBytes += stored.bytes.length;
      if (found.length > 0 && sizeBytes > maxBytes) break;
      found.push(stored);
      if (sizeBytes >= maxBytes) break;
    }
    return found;
  };

  const firstOffset = (): number => Number(selectOldest.get()?.['base_offset'] ?? currentNewest().nextOffset);

  return {
    append(batch) {
      checkBatch(batch);
      const { nextOffset, endBytes } = currentNewest();
      const stored = Buffer.from(batch);
      setBaseOffset(stored, nextOffset);
      const after = { nextOffset: nextOffset + offsetSpan(batch), endBytes: endBytes + batch.length };
      insert.run(nextOffset, after.nextOffset, recordCount(batch), nowMs(), after.endBytes, stored);
      newest = after;
      return nextOffset;
    },
    endOffset: () => currentNewest().nextOffset,
    firstOffset,
    appendedAtMs(offset) {
      const row = selectHolding.get(offset);
      return row !== undefined && Number(row['next_offset']) > offset ? Number(row['appended_at_ms']) : null;
    },
    readRecords(fromOffset, maxRecords) {
      const start = startOf(fromOffset);
      const within = selectOffsets.all(start, start + maxRecords, start + maxRecords);
      return within.length > 0 ? within.map(storedBatch) : readBytes(fromOffset, 1);
    },
    readBytes,
    expiredBelow(retention: Retention, atMs) {
      const keepFromBytes = currentNewest().endBytes - retention.retentionBytes;
      const keepFromMs = atMs - retention.retentionMs;
      let below = firstOffset();
      for (const row of selectAges.iterate(below)) {
        const tooOld = Number(row['appended_at_ms']) < keepFromMs;
        if (!tooOld && Number(row['end_bytes']) > keepFromBytes) break;
        below = Number(row['next_offset']);
      }
      return below;
    },
    removeBelow: (offset) => void remove.run(offset, offset),
    sizeBytes: () => currentNewest().endBytes - Number(selectOldest.get()?.['start_bytes'] ?? 0),
    forget: () => {
      newest = undefined;
    },
  };
}

function storedBatch(row: Record<string, unknown>): StoredBatch {
  return {
    firstOffset: Number(row['base_offset']),
    nextOffset: Number(row['next_offset']),
    count: Number(row['count']),
    bytes: blob(row['bytes']),
  };
}
