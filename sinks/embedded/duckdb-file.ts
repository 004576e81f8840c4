import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';

/** A bound parameter. Numbers are bound as DOUBLE, so whole numbers that SQL counts with are given as bigint. */
export type Parameter = string | number | bigint | null;
export type Row = readonly DuckDBValue[];

export interface DuckDbFileOptions {
  /** The database file; its folder is created where missing. */
  readonly path: string;
  /** What the engine may hold in memory. */
  readonly memoryLimitMb: number;
  /**
   * The write-ahead log is folded into the file when it has grown by this much. Writes wait meanwhile, and a
   * start after a kill replays as much: so small, though larger ones cost less a row.
   */
  readonly checkpointMb: number;
  /** Statements that bring the tables of `schemaVersion` into being where they are missing. */
  readonly schema: readonly string[];
  readonly schemaVersion: number;
}

/** Runs one statement of a change. */
export type Run = (sql: string, parameters?: readonly Parameter[]) => Promise<readonly Row[]>;

interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly readers: readonly DuckDBConnection[];
}

const readerCount = 2;
/** Has the compression for text that is both smaller and cheaper; the engine's default is of 2023. */
const storageVersion = 'v1.5.0';

/**
 * The engine guards a file against other processes with a POSIX lock, which does not hold within a process
 * and is even dropped when a second handle closes: so what this process has open is kept here.
 */
const openPaths = new Set<string>();

/** One DuckDB file: a single writer, and readers on connections of their own that see committed rows only. */
export class DuckDbFile implements AsyncDisposable {
  readonly path: string;
  readonly #options: DuckDbFileOptions;
  #opened: Opened | undefined;
  #free: DuckDBConnection[] = [];
  #waiting: ((connection: DuckDBConnection) => void)[] = [];
  #lastChange: Promise<unknown> = Promise.resolve();
  #damaged = false;
  #disposed = false;

  private constructor(options: DuckDbFileOptions) {
    this.#options = options;
    this.path = resolve(options.path);
  }

  /**
   * Opens or creates the file. Throws `ARGUMENT_INVALID`, `DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW`
   * or `STORE_UNAVAILABLE`.
   */
  static async open(options: DuckDbFileOptions): Promise<DuckDbFile> {
    const file = new DuckDbFile(options);
    if (file.path.includes('?')) {
      throw new OpenFrameError(
        'ARGUMENT_INVALID',
        `${file.path} holds a "?", which the engine would cut: choose another folder.`,
      );
    }
    if (openPaths.has(file.path)) throw inUse(file.path);
    openPaths.add(file.path);
    try {
      await mkdir(dirname(file.path), { recursive: true });
      await file.#open();
      return file;
    } catch (error) {
      file.#close();
      openPaths.delete(file.path);
      throw storeFault(error, file.path);
    }
  }

  /** Runs one query on a free reader. Never waits for a change that is under way. */
  async query(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const connection = await this.#acquire();
    try {
      const reader = await connection.runAndReadAll(sql, [...parameters]);
      return reader.getRows();
    } catch (error) {
      throw this.#fault(error);
    } finally {
      this.#release(connection);
    }
  }

  /** The rows of a query in chunks, on a connection of its own: for results too large to hold. */
  async *stream(sql: string, parameters: readonly Parameter[]): AsyncGenerator<readonly Row[]> {
    const connection = await this.#connect();
    try {
      const result = await connection.stream(sql, [...parameters]);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getRows();
      }
    } catch (error) {
      throw this.#fault(error);
    } finally {
      connection.closeSync();
    }
  }

  /** Runs statements on the writer, one change at a time. What the engine refuses is thrown as it came. */
  change<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const mine = this.#lastChange.then(async () => {
      if (this.#damaged) await this.#reopen();
      const { writer } = this.#live();
      return work(async (sql, parameters = []) => {
        try {
          return (await writer.runAndReadAll(sql, [...parameters])).getRows();
        } catch (error) {
          this.#noteDamage(error);
          throw error;
        }
      });
    });
    this.#lastChange = mine.catch(() => undefined);
    return mine;
  }

  /** Waits for the change under way and for readers, then folds the log into the file. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#lastChange;
    if (this.#opened === undefined) return;
    try {
      await this.#quiet();
      await this.#opened.writer.run('CHECKPOINT');
    } catch {
      // The write-ahead log still has it all: the next start replays it.
    } finally {
      this.#close();
      openPaths.delete(this.path);
    }
  }

  async #open(): Promise<void> {
    const { memoryLimitMb, checkpointMb, schema } = this.#options;
    const instance = await DuckDBInstance.create(this.path, {
      threads: '1',
      memory_limit: `${memoryLimitMb}MB`,
      checkpoint_threshold: `${checkpointMb}MB`,
      preserve_insertion_order: 'false',
      enable_external_file_cache: 'false',
      storage_compatibility_version: storageVersion,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const writer = await instance.connect();
    const readers = [];
    for (let i = 0; i < readerCount; i++) readers.push(await instance.connect());
    this.#opened = { instance, writer, readers };
    for (const connection of readers) this.#release(connection);
    await this.#checkVersion(writer);
    for (const statement of schema) await writer.run(statement);
  }

  async #checkVersion(writer: DuckDBConnection): Promise<void> {
    const expected = this.#options.schemaVersion;
    await writer.run('CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL)');
    const found = (await writer.runAndReadAll('SELECT version FROM format')).getRows()[0]?.[0];
    if (found === undefined) await writer.run(`INSERT INTO format VALUES (${expected})`);
    else if (Number(found) > expected) {
      throw new OpenFrameError(
        'DATA_FOLDER_TOO_NEW',
        `${this.path} has format ${String(found)}; this version reads up to ${expected}. Start the newer version.`,
      );
    }
  }

  /** After a fault that leaves the engine unusable until the file is opened anew (a full disk at commit). */
  async #reopen(): Promise<void> {
    try {
      await this.#quiet();
      this.#close();
      await this.#open();
      this.#damaged = false;
    } catch (error) {
      this.#close();
      throw storeFault(error, this.path);
    }
  }

  /** Resolves when no query holds a reader. */
  async #quiet(): Promise<void> {
    for (let i = this.#opened?.readers.length ?? 0; i > 0; i--) await this.#take();
  }

  #close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#free = [];
    if (opened === undefined) return;
    for (const connection of opened.readers) connection.closeSync();
    opened.writer.closeSync();
    opened.instance.closeSync();
  }

  #live(): Opened {
    if (this.#opened === undefined || this.#disposed) throw closed(this.path);
    return this.#opened;
  }

  async #connect(): Promise<DuckDBConnection> {
    if (this.#damaged) await this.change(async () => {});
    try {
      return await this.#live().instance.connect();
    } catch (error) {
      throw this.#fault(error);
    }
  }

  async #acquire(): Promise<DuckDBConnection> {
    this.#live();
    if (this.#damaged) await this.change(async () => {});
    return this.#take();
  }

  async #take(): Promise<DuckDBConnection> {
    return this.#free.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }

  #fault(error: unknown): OpenFrameError {
    this.#noteDamage(error);
    return storeFault(error, this.path);
  }

  #noteDamage(error: unknown): void {
    if (/^FATAL|database has been invalidated/.test(messageOf(error))) this.#damaged = true;
  }
}

/** True where the engine refused values, not where it could not work: another record may fare better. */
export function isRefusal(error: unknown): boolean {
  return /^(Invalid Input|Conversion|Constraint|Out of Range|Parameter Not Resolved) Error/.test(
    messageOf(error),
  );
}

/**
 * Any fault as ours: retryable `STORE_UNAVAILABLE` for what may pass (no space, no memory, no file, closed),
 * `INTERNAL` for what will not.
 */
export function storeFault(error: unknown, path: string): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const message = messageOf(error);
  if (message.includes('Could not set lock on file')) return inUse(path, error);
  if (!mayPass(error, message)) {
    return new OpenFrameError('INTERNAL', `The store at ${path} met a fault: ${message}`, { cause: error });
  }
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `The store at ${path} could not do it: ${message}. Check the disk's space and the folder's permissions.`,
    { retryable: true, cause: error },
  );
}

function mayPass(error: unknown, message: string): boolean {
  if (error instanceof Error && 'syscall' in error) return true;
  return /^(IO|Out of Memory|FATAL|Interrupt|INTERRUPT|Connection|Permission|TransactionContext|Transaction) Error|disconnected|invalidated/i.test(
    message,
  );
}

function inUse(path: string, cause?: unknown): OpenFrameError {
  return new OpenFrameError(
    'DATA_FOLDER_IN_USE',
    `${path} is open already, here or in another process. End that one, or choose another data folder.`,
    { cause },
  );
}

function closed(path: string): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', `The store at ${path} is closed.`, { retryable: true });
}
