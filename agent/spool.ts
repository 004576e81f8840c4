import { DatabaseSync } from 'node:sqlite';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { agentEventTypes } from '../contracts/event.ts';
import type { AgentEvent } from './event-factory.ts';

/** One waiting event; `sequence` orders them. */
export interface SpooledEvent {
  readonly sequence: number;
  readonly json: string;
}

export type DroppedCounts = Readonly<Record<string, number>>;

/**
 * Events that wait for the server, durable on disk, in order of arrival, within a bound. One owner: the file
 * is locked while it is open. All calls are synchronous and short (a transaction of a few rows).
 */
export interface Spool extends Disposable {
  /**
   * Adds events and moves cursors in one transaction: after a crash both are there or neither. Over the bound,
   * the oldest metrics go first, then the oldest of all others; each is counted by type. Leased events stay.
   */
  append(events: readonly AgentEvent[], cursors?: Readonly<Record<string, string>>): void;
  /** What `append` last stored under this name. */
  cursor(name: string): string | undefined;
  /** The oldest events, at least one if any waits, up to these limits. They stay until they are removed. */
  lease(maxEvents: number, maxBytes: number): readonly SpooledEvent[];
  /** Ends the lease and removes those events that need not be sent again. */
  settle(sequences: readonly number[]): void;
  /** Dropped events that `reportDrops` has not told of yet, by type; kept over a restart. */
  unreportedDrops(): DroppedCounts;
  /** Adds the event that tells of the drops and forgets them, in one transaction. */
  reportDrops(event: AgentEvent): void;
  readonly waiting: number;
  /** The bound counts events with `rowOverheadBytes` each; the file is a little larger. */
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Dropped since this spool was opened, by type. */
  readonly dropped: DroppedCounts;
}

/** What a row costs beside its event. */
export const rowOverheadBytes = 64;

const formatVersion = 1;
const schema = `
  CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, size INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE INDEX event_metrics ON event (sequence) WHERE type = '${agentEventTypes.metrics}';
  CREATE TABLE cursor (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE dropped (type TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${formatVersion};
`;

/**
 * Opens or creates the spool. WAL with `synchronous = NORMAL`: a killed process loses nothing; a power cut may
 * take back the last transactions, whole, so that their log lines are read again under the same ids.
 * Throws `DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW` or `STATE_CORRUPT`.
 */
export function openSpool(path: string, limitBytes: number): Spool {
  return new SqliteSpool(openDatabase(path), limitBytes);
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`
      PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 1048576;
      BEGIN IMMEDIATE;
    `);
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > formatVersion) {
      throw new OpenFrameError(
        'DATA_FOLDER_TOO_NEW',
        `${path} was written by a newer agent (format ${version}, this one reads ${formatVersion}); run that one.`,
      );
    }
    if (version === 0) database.exec(schema);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw openingFault(error, path);
  }
}

function openingFault(error: unknown, path: string): unknown {
  if (error instanceof OpenFrameError) return error;
  const number = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const sqlite = { busy: 5, locked: 6, corrupt: 11, notADatabase: 26 };
  if (number === sqlite.busy || number === sqlite.locked) {
    return new OpenFrameError('DATA_FOLDER_IN_USE', `Another agent has ${path} open; stop it first.`, {
      cause: error,
    });
  }
  if (number === sqlite.corrupt || number === sqlite.notADatabase) {
    return new OpenFrameError(
      'STATE_CORRUPT',
      `${path} is damaged (${messageOf(error)}); move it away to start with an empty spool.`,
      { cause: error },
    );
  }
  return error;
}

interface Totals {
  waiting: number;
  usedBytes: number;
}

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare('INSERT INTO event (type, size, json) VALUES (?, ?, ?)'),
    remove: database.prepare('DELETE FROM event WHERE sequence = ? RETURNING size'),
    oldest: database.prepare('SELECT sequence, size, json FROM event ORDER BY sequence LIMIT ?'),
    setCursor: database.prepare('INSERT OR REPLACE INTO cursor (name, value) VALUES (?, ?)'),
    getCursor: database.prepare('SELECT value FROM cursor WHERE name = ?'),
    countDrop: database.prepare(
      'INSERT INTO dropped (type, count) VALUES (?, ?) ON CONFLICT (type) DO UPDATE SET count = count + excluded.count',
    ),
    drops: database.prepare('SELECT type, count FROM dropped ORDER BY type'),
  };
}

class SqliteSpool implements Spool {
  readonly limitBytes: number;
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #trim: ReturnType<typeof createTrim>;
  readonly #dropped: Record<string, number> = {};
  #totals: Totals;
  #leasedThrough = 0;

  constructor(database: DatabaseSync, limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#database = database;
    this.#statements = prepare(database);
    this.#trim = createTrim(database);
    this.#totals = readTotals(database);
  }

  append(events: readonly AgentEvent[], cursors: Readonly<Record<string, string>> = {}): void {
    this.#addWithinBound(events, () => {
      for (const [name, value] of Object.entries(cursors)) this.#statements.setCursor.run(name, value);
    });
  }

  cursor(name: string): string | undefined {
    return this.#statements.getCursor.get(name)?.['value']?.toString();
  }

  lease(maxEvents: number, maxBytes: number): readonly SpooledEvent[] {
    const leased: SpooledEvent[] = [];
    let bytes = 0;
    for (const row of this.#statements.oldest.iterate(maxEvents)) {
      bytes += Number(row['size']);
      if (leased.length > 0 && bytes > maxBytes) break;
      leased.push({ sequence: Number(row['sequence']), json: String(row['json']) });
    }
    this.#leasedThrough = leased.at(-1)?.sequence ?? 0;
    return leased;
  }

  settle(sequences: readonly number[]): void {
    this.#leasedThrough = 0;
    if (sequences.length === 0) return;
    this.#change((next) => {
      for (const sequence of sequences) {
        const row = this.#statements.remove.get(sequence);
        if (row === undefined) continue;
        next.waiting -= 1;
        next.usedBytes -= Number(row['size']);
      }
    });
    if (this.#totals.waiting === 0) giveBackPages(this.#database);
  }

  unreportedDrops(): DroppedCounts {
    const rows = this.#statements.drops.all();
    return Object.fromEntries(rows.map((row) => [String(row['type']), Number(row['count'])]));
  }

  reportDrops(event: AgentEvent): void {
    this.#addWithinBound([event], () => this.#database.exec('DELETE FROM dropped'));
  }

  get waiting(): number {
    return this.#totals.waiting;
  }

  get usedBytes(): number {
    return this.#totals.usedBytes;
  }

  get dropped(): DroppedCounts {
    return { ...this.#dropped };
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** All or nothing, in memory as on disk. */
  #change(work: (next: Totals) => void): void {
    const next = { ...this.#totals };
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work(next);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    this.#totals = next;
  }

  #addWithinBound(events: readonly AgentEvent[], also: () => void): void {
    let drops: DroppedCounts = {};
    this.#change((next) => {
      also();
      for (const event of events) {
        const size = Buffer.byteLength(event.json) + rowOverheadBytes;
        this.#statements.insert.run(event.type, size, event.json);
        next.waiting += 1;
        next.usedBytes += size;
      }
      drops = this.#trim(next, this.limitBytes, this.#leasedThrough);
      for (const [type, count] of Object.entries(drops)) this.#statements.countDrop.run(type, count);
    });
    for (const [type, count] of Object.entries(drops)) {
      this.#dropped[type] = (this.#dropped[type] ?? 0) + count;
    }
  }
}

/** Shortens the file after an outage, 2 MB at a time so that nobody waits; at low load it does nothing. */
function giveBackPages(database: DatabaseSync): void {
  const free = Number(database.prepare('PRAGMA freelist_count').get()?.['freelist_count']);
  if (free > 512) database.exec('PRAGMA incremental_vacuum(512)');
}

/** Removes until the bound is kept: metrics from the oldest on, then all others from the oldest on. */
function createTrim(database: DatabaseSync) {
  const isMetrics = `type = '${agentEventTypes.metrics}'`;
  const inOrder = [isMetrics, 'TRUE'].map((condition) =>
    database.prepare(
      `DELETE FROM event WHERE sequence =
         (SELECT sequence FROM event WHERE ${condition} AND sequence > ? ORDER BY sequence LIMIT 1)
       RETURNING type, size`,
    ),
  );
  return (totals: Totals, limitBytes: number, leasedThrough: number): DroppedCounts => {
    const counts: Record<string, number> = {};
    for (const removeOldest of inOrder) {
      while (totals.usedBytes > limitBytes) {
        const row = removeOldest.get(leasedThrough);
        if (row === undefined) break;
        const type = String(row['type']);
        counts[type] = (counts[type] ?? 0) + 1;
        totals.waiting -= 1;
        totals.usedBytes -= Number(row['size']);
      }
    }
    return counts;
  };
}

function readTotals(database: DatabaseSync): Totals {
  const row = database.prepare('SELECT count(*) AS waiting, total(size) AS used FROM event').get();
  return { waiting: Number(row?.['waiting']), usedBytes: Number(row?.['used']) };
}
