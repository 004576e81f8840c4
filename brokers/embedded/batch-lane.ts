import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import {
  baseOffset,
  batchHeaderBytes,
  checkBatch,
  offsetSpan,
  recordCount,
  setBaseOffset,
} from '../../streams/record-batch.ts';
import { blob } from './database.ts';
import type { Lane, LaneDeps, Retention, StoredBatch } from './lane.ts';
import { SharedBatches } from './shared-batches.ts';

/** `end_bytes` counts all bytes ever stored up to this batch: the difference of two rows is a size. */
export function batchLaneSchema(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
    base_offset INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, count INTEGER NOT NULL,
    appended_at_ms INTEGER NOT NULL, end_bytes INTEGER NOT NULL, bytes BLOB NOT NULL);`;
}

/**
 * A lane that keeps whole record batches, a row each. The newest batch is never removed: it says where the
 * offsets go on.
 */
export function createBatchLane(db: DatabaseSync, deps: LaneDeps): Lane {
  return new BatchLane(db, deps);
}

const enoughRecords = 256;

interface Newest {
  readonly nextOffset: number;
  readonly endBytes: number;
}

function prepareStatements(db: DatabaseSync, table: string) {
  const batch = 'base_offset, next_offset, count, bytes';
  return {
    insert: db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`),
    newest: db.prepare(`SELECT next_offset, end_bytes FROM ${table} ORDER BY base_offset DESC LIMIT 1`),
    oldest: db.prepare(
      `SELECT base_offset, end_bytes - length(bytes) AS start_bytes FROM ${table} ORDER BY base_offset LIMIT 1`,
    ),
    holding: db.prepare(
      `SELECT base_offset, next_offset, appended_at_ms FROM ${table} WHERE base_offset <= ?
       ORDER BY base_offset DESC LIMIT 1`,
    ),
    within: db.prepare(
      `SELECT ${batch} FROM ${table} WHERE base_offset >= ? AND base_offset < ? AND next_offset <= ?
       ORDER BY base_offset`,
    ),
    from: db.prepare(`SELECT ${batch} FROM ${table} WHERE base_offset >= ? ORDER BY base_offset`),
    ages: db.prepare(`SELECT next_offset, appended_at_ms, end_bytes FROM ${table} ORDER BY base_offset`),
    remove: db.prepare(
      `DELETE FROM ${table} WHERE base_offset < ? AND next_offset <= ?
       AND base_offset < (SELECT MAX(base_offset) FROM ${table})`,
    ),
  };
}

class BatchLane implements Lane {
  readonly #nowMs: () => number;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #shared: SharedBatches;
  readonly #shares: boolean;
  #newest: Newest | undefined;
  /** Appended in a transaction that has not committed yet. */
  #uncommitted: StoredBatch[] = [];

  constructor(db: DatabaseSync, { table, nowMs, sharedBytes = 0 }: LaneDeps) {
    this.#shared = new SharedBatches(sharedBytes);
    this.#shares = sharedBytes > 0;
    this.#nowMs = nowMs;
    this.#statements = prepareStatements(db, table);
  }

  append(batch: Buffer): number {
    checkBatch(batch);
    const { nextOffset, endBytes } = this.#end();
    const stored = Buffer.from(batch);
    setBaseOffset(stored, nextOffset);
    const after = { nextOffset: nextOffset + offsetSpan(batch), endBytes: endBytes + batch.length };
    const count = recordCount(batch);
    this.#statements.insert.run(nextOffset, after.nextOffset, count, this.#nowMs(), after.endBytes, stored);
    this.#newest = after;
    if (this.#shares) {
      this.#uncommitted.push({ firstOffset: nextOffset, nextOffset: after.nextOffset, count, bytes: stored });
    }
    return nextOffset;
  }

  endOffset(): number {
    return this.#end().nextOffset;
  }

  firstOffset(): number {
    return Number(this.#statements.oldest.get()?.['base_offset'] ?? this.endOffset());
  }

  appendedAtMs(offset: number): number | null {
    const row = this.#holding(offset);
    return row === undefined ? null : Number(row['appended_at_ms']);
  }

  readRecords(fromOffset: number, maxRecords: number): readonly StoredBatch[] {
    const known = this.#shared.beginningAt(fromOffset);
    if (known !== undefined && this.#isEnough(known, maxRecords)) return [known];
    const start = this.#startOf(fromOffset);
    const within = this.#statements.within.all(start, start + maxRecords, start + maxRecords);
    const stored = within.length > 0 ? within.map(storedBatch) : this.readBytes(fromOffset, 1);
    return stored.map((batch) => this.#shared.share(batch));
  }

  readBytes(fromOffset: number, maxBytes: number): readonly StoredBatch[] {
    const found: StoredBatch[] = [];
    let sizeBytes = 0;
    for (const row of this.#statements.from.iterate(this.#startOf(fromOffset))) {
      const stored = storedBatch(row);
      const before = found.at(-1)?.nextOffset ?? stored.firstOffset;
      if (before !== stored.firstOffset)
        throw damagedRow(`nothing between ${before} and ${stored.firstOffset}`);
      sizeBytes += stored.bytes.length;
      if (found.length > 0 && sizeBytes > maxBytes) break;
      found.push(stored);
      if (sizeBytes >= maxBytes) break;
    }
    return found;
  }

  expiredBelow(retention: Retention, nowMs: number): number {
    const keepFromBytes = this.#end().endBytes - retention.retentionBytes;
    const keepFromMs = nowMs - retention.retentionMs;
    let below = this.firstOffset();
    for (const row of this.#statements.ages.iterate()) {
      const isTooOld = Number(row['appended_at_ms']) < keepFromMs;
      if (!isTooOld && Number(row['end_bytes']) > keepFromBytes) break;
      below = Number(row['next_offset']);
    }
    return below;
  }

  removeBelow(offset: number): void {
    this.#statements.remove.run(offset, offset);
  }

  sizeBytes(): number {
    return this.#end().endBytes - Number(this.#statements.oldest.get()?.['start_bytes'] ?? 0);
  }

  settle(): void {
    for (const batch of this.#uncommitted) this.#shared.share(batch);
    this.#uncommitted = [];
  }

  forget(): void {
    this.#newest = undefined;
    this.#uncommitted = [];
  }

  /** Where nothing follows, or much is there already, a reader does not gain by what the table has more. */
  #isEnough({ count, nextOffset }: StoredBatch, maxRecords: number): boolean {
    return count <= maxRecords && (count >= enoughRecords || nextOffset >= this.endOffset());
  }

  #end(): Newest {
    if (this.#newest !== undefined) return this.#newest;
    const row = this.#statements.newest.get();
    this.#newest = {
      nextOffset: Number(row?.['next_offset'] ?? 0),
      endBytes: Number(row?.['end_bytes'] ?? 0),
    };
    return this.#newest;
  }

  #holding(offset: number): Record<string, unknown> | undefined {
    const row = this.#statements.holding.get(offset);
    return row !== undefined && Number(row['next_offset']) > offset ? row : undefined;
  }

  #startOf(offset: number): number {
    return Number(this.#holding(offset)?.['base_offset'] ?? offset);
  }
}

/** SQLite has no checksums: a row must say what its batch says, whose own checksum is held against it by who reads it. */
function storedBatch(row: Record<string, unknown>): StoredBatch {
  const [firstOffset, nextOffset] = [Number(row['base_offset']), Number(row['next_offset'])];
  const [count, bytes] = [Number(row['count']), blob(row['bytes'])];
  const isItsOwn =
    bytes.length >= batchHeaderBytes &&
    baseOffset(bytes) === firstOffset &&
    firstOffset + offsetSpan(bytes) === nextOffset &&
    recordCount(bytes) === count;
  if (!isItsOwn) throw damagedRow(`another batch than its own at ${firstOffset}`);
  return { firstOffset, nextOffset, count, bytes };
}

function damagedRow(what: string): OpenFrameError {
  const message = `The file has ${what}: it is damaged. Nothing of that is used. Restore it from a copy.`;
  return new OpenFrameError('STATE_CORRUPT', message);
}
