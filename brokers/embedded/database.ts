import { constants, DatabaseSync } from 'node:sqlite';

import { type ErrorCode, messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';

export interface DatabaseOptions {
  readonly path: string;
  /** `CREATE ... IF NOT EXISTS` statements. */
  readonly schema: string;
  /** `normal`: a commit outlives the process; `full`: it outlives a power cut too. */
  readonly durability: 'normal' | 'full';
  /** How long a write waits, blocking, for another thread's or process's write. */
  readonly busyTimeoutMs: number;
  /** The file never grows beyond this; a write that would fails as on a full disk. Default: no limit. */
  readonly maxFileBytes?: number;
}

const schemaVersion = 1;
const pageBytes = 16 * 1024;

/**
 * Opens a SQLite file in WAL mode, where readers never wait (https://www.sqlite.org/wal.html).
 * Throws `DATA_FOLDER_TOO_NEW` for the file of a newer version.
 */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  let opened: DatabaseSync | undefined;
  try {
    const db = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs });
    opened = db;
    db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL;`);
    db.exec(`PRAGMA synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'};`);
    if (options.maxFileBytes !== undefined) {
      db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxFileBytes / pageBytes))};`);
    }
    inTransaction(db, () => createSchema(db, options));
    if (options.durability === 'full') doubted.add(db);
    return db;
  } catch (error) {
    opened?.close();
    throw storageError(error, 'STORE_UNAVAILABLE', `Opening ${options.path} failed`);
  }
}

function createSchema(db: DatabaseSync, options: DatabaseOptions): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) {
    throw new OpenFrameError(
      'DATA_FOLDER_TOO_NEW',
      `${options.path} has format ${version}, and this version knows ${schemaVersion}: start the newer version.`,
    );
  }
  if (version === schemaVersion) return;
  db.exec(options.schema);
  db.exec(`PRAGMA user_version = ${schemaVersion}`);
}

/**
 * Connections that must not build on the write-ahead log as it stands. When a sync fails, the kernel gives up what it
 * could not write and counts it as written (https://wiki.postgresql.org/wiki/Fsync_Errors): commits that were not synced
 * themselves may then be missing on the disk, and a power cut takes all that follows them, synced or not. Whoever opens
 * the file cannot know whether that happened before.
 */
const doubted = new WeakSet<DatabaseSync>();
const failedSyncs = new Set([1034, 1290]);

/**
 * Runs `work` in one write transaction: all of it is stored, or, where anything throws, none. After a sync that failed,
 * what the write-ahead log holds is first written anew, into the file itself; until that succeeds nothing else is stored.
 */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  if (doubted.has(db)) writeAnew(db);
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (failedSyncs.has(sqliteCode(error))) doubted.add(db);
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** The next commit then begins the write-ahead log anew too (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint). */
function writeAnew(db: DatabaseSync): void {
  const outcome = db.prepare('PRAGMA wal_checkpoint(RESTART)').get();
  if (outcome?.['busy'] !== 0) {
    const message = 'What a failed sync may have lost cannot be written anew while others read: try again.';
    throw new OpenFrameError('STORE_UNAVAILABLE', message, { retryable: true });
  }
  doubted.delete(db);
}

/** SQLite's primary result codes that pass by themselves: https://www.sqlite.org/rescode.html */
const passing = new Map([
  [5, 'another process writes to it'],
  [6, 'another process writes to it'],
  [7, 'memory is short'],
  [10, 'the disk does not answer'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
]);
const damaged = new Set([11, 26]);

/** What a driver's fault means to a caller: `code` and retryable where it passes, else not retryable. */
function storageError(error: unknown, code: ErrorCode, failed: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const primary = sqliteCode(error) & 255;
  const reason = passing.get(primary);
  if (reason !== undefined) {
    const message = `${failed}: ${reason}. Nothing was stored; try again.`;
    return new OpenFrameError(code, message, { retryable: true, cause: error });
  }
  if (damaged.has(primary)) {
    const message = `${failed}: the file is damaged. Restore it from a copy.`;
    return new OpenFrameError('STATE_CORRUPT', message, { cause: error });
  }
  return new OpenFrameError('INTERNAL', `${failed}: ${messageOf(error)}.`, { cause: error });
}

/** A pipeline that pauses longer each time (`streams/backoff.ts`) waits some seconds meanwhile. */
const doubtedTimes = 8;
/** Damage is met again in seconds, by whoever reads it; a disk that fails now and then is not damage. */
const doubtLastsMs = 600_000;

/** What the driver's faults mean to those who use a file. */
export class StorageFaults {
  readonly #clock: Clock;
  readonly #users: number;
  #doubted = 0;
  #lastDoubtMs = 0;

  constructor(clock: Clock, users = 1) {
    this.#clock = clock;
    this.#users = users;
  }

  /**
   * `code` and retryable where it passes, else not retryable. Damage is first taken to pass, eight times a user, and anew
   * after ten minutes without: to SQLite a disk that fails to read is a damaged file
   * (https://www.sqlite.org/rescode.html#ioerr_corruptfs).
   */
  of(error: unknown, code: ErrorCode, failed: string): OpenFrameError {
    if (!damaged.has(sqliteCode(error) & 255)) return storageError(error, code, failed);
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lastDoubtMs > doubtLastsMs) this.#doubted = 0;
    this.#lastDoubtMs = nowMs;
    if (this.#doubted === this.#users * doubtedTimes) return storageError(error, code, failed);
    this.#doubted++;
    const message = `${failed}: the disk does not answer, or the file is damaged. Nothing was stored; try again.`;
    return new OpenFrameError(code, message, { retryable: true, cause: error });
  }
}

function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : constants.SQLITE_OK;
}

/** A BLOB column as a buffer, without a copy. */
export function blob(value: unknown): Buffer {
  if (!(value instanceof Uint8Array))
    throw new OpenFrameError('STATE_CORRUPT', 'A stored batch is not bytes.');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
