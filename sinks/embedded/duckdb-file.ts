import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { closed, inUse, storeFault } from './duckdb-faults.ts';
import {
  closeDuckDb,
  connected,
  type DuckDbFileOptions,
  openDuckDb,
  type Opened,
  schemaName,
} from './open-duckdb.ts';
import { keptRowsOf, type Parameter, type Row, rowsOf } from './rows-of.ts';

/** Runs one statement of a change, or of a reading. */
export type Run = (sql: string, parameters?: readonly Parameter[]) => Promise<readonly Row[]>;

/** What asks a file. */
export interface DuckDbReader {
  /** Runs one query on a free reader. Never waits for a change that is under way. */
  query(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  /** The same, for one of the few statements that are asked again and again: it is kept, and planned once a question. */
  queryKept(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  /** Runs queries on one free reader, all as of one moment. */
  read<T>(work: (run: Run) => Promise<T>): Promise<T>;
}

const lookAgainMs = 50;
const readAttempts = 4;
/**
 * The engine guards a file against other processes with a POSIX lock, which does not hold within a process
 * and is even dropped when a second handle closes: so what this process has open is kept here.
 */
const openPaths = new Set<string>();

/**
 * One DuckDB file: a single writer, and readers on connections of their own that see committed rows only. What is
 * committed is answered at once and durable with the next `checkpoint`; whoever writes must be able to repeat it.
 */
export class DuckDbFile implements DuckDbReader, AsyncDisposable {
  readonly path: string;
  readonly #options: DuckDbFileOptions;
  #opened: Opened | undefined;
  #free: DuckDBConnection[] = [];
  #waiting: ((connection: DuckDBConnection) => void)[] = [];
  #lastChange: Promise<unknown> = Promise.resolve();
  #lastCheckpoint: Promise<unknown> = Promise.resolve();
  #damaged = false;
  #disposed = false;
  #losses = 0;

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

  query(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    return this.#reading((connection) => rowsOf(connection, sql, parameters));
  }

  queryKept(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    return this.#reading((connection) => keptRowsOf(connection, sql, parameters));
  }

  read<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#reading(async (connection) => {
      await connection.run('BEGIN');
      try {
        return await work((sql, parameters = []) => rowsOf(connection, sql, parameters));
      } finally {
        await connection.run('ROLLBACK').catch(() => undefined);
      }
    });
  }

  /** A checkpoint holds much of what the engine may use, but not for long: who finds no memory asks again. */
  async #reading<T>(ask: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#acquire();
      try {
        return await ask(connection);
      } catch (error) {
        if (attempt === readAttempts || !/^Out of Memory Error/.test(messageOf(error)))
          throw this.#fault(error);
      } finally {
        this.#release(connection);
      }
      await pause(lookAgainMs * attempt);
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

  /** Lends a connection of its own to work that looks after its faults itself. */
  async withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      return await work(connection);
    } catch (error) {
      this.#noteDamage(error);
      throw error;
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
          return await rowsOf(writer, sql, parameters);
        } catch (error) {
          this.#noteDamage(error);
          throw error;
        }
      });
    });
    this.#lastChange = mine.catch(() => undefined);
    return mine;
  }

  /** How often changes that were not durable were lost, since the file had to be opened anew. */
  get losses(): number {
    return this.#losses;
  }

  /** Resolves when every change that resolved before the call is durable, unless `losses` has grown since. */
  checkpoint(): Promise<void> {
    const mine = this.#lastCheckpoint.then(async () => {
      if (this.#damaged) await this.change(async () => {});
      while (!(await this.#tryCheckpoint())) await pause(lookAgainMs);
    });
    this.#lastCheckpoint = mine.catch(() => undefined);
    return mine;
  }

  /** False while a reader needs rows as they were before an update: the engine keeps those in memory alone. */
  async #tryCheckpoint(): Promise<boolean> {
    try {
      await this.#live().checkpointer.run(`CHECKPOINT ${schemaName}`);
      return true;
    } catch (error) {
      if (/^TransactionContext Error: Cannot CHECKPOINT/.test(messageOf(error))) return false;
      throw this.#fault(error);
    }
  }

  /** Waits for the change under way and for readers, then makes all of it durable. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#lastChange;
    await this.#lastCheckpoint;
    if (this.#opened === undefined) return;
    try {
      await this.#quiet();
      await this.#opened.checkpointer.run(`CHECKPOINT ${schemaName}`);
    } catch {
      // What was not durable was not acked either: it is written again after the next start.
    } finally {
      this.#close();
      openPaths.delete(this.path);
    }
  }

  async #open(): Promise<void> {
    this.#opened = await openDuckDb(this.path, this.#options);
    for (const connection of this.#opened.readers) this.#release(connection);
  }

  /** After a fault that leaves the engine unusable until the file is opened anew (a full disk at commit). */
  async #reopen(): Promise<void> {
    try {
      await this.#quiet();
      this.#losses++;
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
    if (opened !== undefined) closeDuckDb(opened);
  }

  #live(): Opened {
    if (this.#opened === undefined || this.#disposed) throw closed(this.path);
    return this.#opened;
  }

  async #connect(): Promise<DuckDBConnection> {
    if (this.#damaged) await this.change(async () => {});
    try {
      return await connected(this.#live().instance);
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
