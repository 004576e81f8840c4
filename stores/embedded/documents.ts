import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { DocumentScope, DocumentStore, ScopedDocument } from '../documents.ts';

/** The layout this version writes; a file with a higher number was written by a newer OpenFrame. */
const layoutVersion = 1;
/** Another process may be writing: wait this long for its transaction to end. */
const busyTimeoutMs = 5_000;
const scanPageSize = 500;

interface StoredRow {
  readonly tenant: string;
  readonly id: string;
  readonly document: string;
}

/**
 * Documents in one SQLite file (WAL, synchronous FULL: what resolved survives a power cut). Several processes
 * may have the same file open. Ids are ordered by their UTF-8 bytes and must be well-formed Unicode.
 * Throws `DATA_FOLDER_TOO_NEW` for a file of a newer layout; calls throw a retryable `STORE_UNAVAILABLE`
 * where the file is busy, full or closed, and `ARGUMENT_INVALID` for an id that is not well-formed.
 */
export function createEmbeddedDocuments(options: { readonly path: string }): DocumentStore {
  mkdirSync(dirname(options.path), { recursive: true });
  const database = attempt('open', () => openDatabase(options.path));
  const statements = prepare(database);
  return {
    get: async <T extends object>(scope: DocumentScope, collection: string, id: string) => {
      const row = attempt('get', () => statements.get.get(collection, scope.tenantId, checkedId(id)));
      return row === undefined ? null : toDocument<T>(rowOf(row)).document;
    },
    put: async (scope, collection, id, document) => {
      const text = JSON.stringify(document);
      attempt('put', () => statements.put.run(collection, scope.tenantId, checkedId(id), text));
    },
    putAll: async (collection, documents) => putAll(database, statements.put, collection, documents),
    insert: async (scope, collection, id, document) => {
      const text = JSON.stringify(document);
      const { changes } = attempt('insert', () =>
        statements.insert.run(collection, scope.tenantId, checkedId(id), text),
      );
      return Number(changes) === 1;
    },
    delete: async (scope, collection, id) => {
      const { changes } = attempt('delete', () =>
        statements.remove.run(collection, scope.tenantId, checkedId(id)),
      );
      return Number(changes) === 1;
    },
    list: async <T extends object>(
      scope: DocumentScope,
      collection: string,
      { limit, afterId, match }: Parameters<DocumentStore['list']>[2],
    ) => {
      const rows = attempt('list', () =>
        statements.list.all(collection, scope.tenantId, afterId ?? '', JSON.stringify(match ?? {}), limit),
      );
      return rows.map((row) => toDocument<T>(rowOf(row)));
    },
    count: async (scope, collection) =>
      Number(attempt('count', () => statements.count.get(collection, scope.tenantId))?.['total'] ?? 0),
    scan: <T extends object>(collection: string) => scan<T>(statements.scan, collection),
    async [Symbol.asyncDispose]() {
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    setUp(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function setUp(database: DatabaseSync, path: string): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (found > layoutVersion) {
    throw new OpenFrameError(
      'DATA_FOLDER_TOO_NEW',
      `${path} has layout ${found} and this version knows ${layoutVersion}: start the newer OpenFrame.`,
      { details: { found, known: layoutVersion } },
    );
  }
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE IF NOT EXISTS documents (
       collection TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL,
       PRIMARY KEY (collection, tenant, id)
     ) WITHOUT ROWID;
     PRAGMA user_version = ${layoutVersion};
     COMMIT`,
  );
  // Commits whose sync failed are in the write-ahead log once their process has ended, and perhaps not on the disk.
  database.exec('PRAGMA wal_checkpoint(RESTART)');
}

interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly insert: StatementSync;
  readonly remove: StatementSync;
  readonly list: StatementSync;
  readonly count: StatementSync;
  readonly scan: StatementSync;
}

function prepare(database: DatabaseSync): Statements {
  const one = 'collection = ? AND tenant = ? AND id = ?';
  return {
    get: database.prepare(`SELECT tenant, id, document FROM documents WHERE ${one}`),
    put: database.prepare(
      `INSERT INTO documents VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET document = excluded.document`,
    ),
    insert: database.prepare('INSERT INTO documents VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    remove: database.prepare(`DELETE FROM documents WHERE ${one}`),
    list: database.prepare(
      `SELECT tenant, id, document FROM documents
       WHERE collection = ? AND tenant = ? AND id > ? AND NOT EXISTS (
         SELECT 1 FROM json_each(?) AS wanted WHERE NOT EXISTS (
           SELECT 1 FROM json_each(documents.document) AS held
           WHERE held.key = wanted.key AND held.type = 'text' AND held.value = wanted.value))
       ORDER BY id LIMIT ?`,
    ),
    count: database.prepare('SELECT count(*) AS total FROM documents WHERE collection = ? AND tenant = ?'),
    scan: database.prepare(
      `SELECT tenant, id, document FROM documents
       WHERE collection = ? AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?`,
    ),
  };
}

function putAll(
  database: DatabaseSync,
  put: StatementSync,
  collection: string,
  documents: readonly ScopedDocument[],
): void {
  const rows = documents.map((d) => [d.scope.tenantId, checkedId(d.id), JSON.stringify(d.document)] as const);
  attempt('putAll', () => {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const [tenant, id, text] of rows) put.run(collection, tenant, id, text);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

async function* scan<T extends object>(
  page: StatementSync,
  collection: string,
): AsyncGenerator<readonly { readonly scope: DocumentScope; readonly id: string; readonly document: T }[]> {
  let tenant = '';
  let id = '';
  for (;;) {
    const rows = attempt('scan', () => page.all(collection, tenant, id, scanPageSize)).map(rowOf);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => ({ scope: { tenantId: row.tenant }, ...toDocument<T>(row) }));
    ({ tenant, id } = last);
  }
}

function toDocument<T extends object>(row: StoredRow): { readonly id: string; readonly document: T } {
  return { id: row.id, document: JSON.parse(row.document) as T };
}

function rowOf(row: Record<string, unknown>): StoredRow {
  return { tenant: String(row['tenant']), id: String(row['id']), document: String(row['document']) };
}

/** SQLite would store a lone surrogate as U+FFFD, and two ids would become one. */
function checkedId(id: string): string {
  if (id !== '' && id.isWellFormed()) return id;
  throw new OpenFrameError('ARGUMENT_INVALID', 'A document id must be non-empty, well-formed text.');
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof OpenFrameError) throw error;
    throw new OpenFrameError(
      'STORE_UNAVAILABLE',
      `The document store could not ${what}: ${messageOf(error)}. Free disk space or end the process that holds the file.`,
      { retryable: true, cause: error },
    );
  }
}
