import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

import { OpenFrameError } from '../../contracts/errors.ts';

export interface DuckDbFileOptions {
  /** The database file; its folder is created where missing. */
  readonly path: string;
  /** What the engine may hold in memory. */
  readonly memoryLimitMb: number;
  /** Statements that bring the tables of `schemaVersion` into being where they are missing. */
  readonly schema: readonly string[];
  readonly schemaVersion: number;
  /** Statements that bring the tables of older versions to `schemaVersion`; each may have run before. */
  readonly upgrade?: readonly string[];
  /** The one folder whose files statements may read. */
  readonly readableFolder: string;
  /** Single files that they may read besides, and attach. */
  readonly readableFiles?: readonly string[];
}

/** A file as it stands open. */
export interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  /** Makes durable what the writer changed, while that one goes on. */
  readonly checkpointer: DuckDBConnection;
  readonly readers: readonly DuckDBConnection[];
}

/** What an attached file is called in SQL. */
export const schemaName = 'store';
/**
 * The version has the compressions for text that are both smaller and cheaper; the engine's default is of 2023.
 * Without a write-ahead log a row is written once, compressed, at the next checkpoint. A checkpoint writes the
 * last, unfilled row group anew: small ones keep that cheap.
 */
const attachOptions = "(STORAGE_VERSION 'v1.5.0', RECOVERY_MODE NO_WAL_WRITES, ROW_GROUP_SIZE 20480)";

/**
 * Opens or creates a file with its tables, and brings those of an older version to this one. What the engine says
 * is thrown as it came, `DATA_FOLDER_TOO_NEW` for a newer file; nothing is open then.
 */
export async function openDuckDb(path: string, options: DuckDbFileOptions): Promise<Opened> {
  const { memoryLimitMb, schema, upgrade = [], schemaVersion } = options;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: `${path}.tmp`,
    preserve_insertion_order: 'false',
    enable_external_file_cache: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // A page of the newest rows would look for its other columns in every block.
    late_materialization_max_rows: '0',
  });
  const connections: DuckDBConnection[] = [];
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    connections.push(connection);
    return connection;
  };
  try {
    const writer = await connect();
    await writer.run(`ATTACH ${literal(path)} AS ${schemaName} ${attachOptions}`);
    await writer.run(`USE ${schemaName}`);
    const checkpointer = await connect();
    const readers = [await connect(), await connect(), await connect()];
    for (const connection of [checkpointer, ...readers]) await connection.run(`USE ${schemaName}`);
    const isOlder = await checkVersion(writer, path, schemaVersion);
    await shutIn(writer, options);
    for (const statement of schema) await writer.run(statement);
    if (isOlder) {
      for (const statement of upgrade) await writer.run(statement);
      await writer.run(`UPDATE format SET version = ${schemaVersion}`);
    }
    return { instance, writer, checkpointer, readers };
  } catch (error) {
    for (const connection of connections) connection.closeSync();
    instance.closeSync();
    throw error;
  }
}

export function closeDuckDb({ readers, checkpointer, writer, instance }: Opened): void {
  for (const connection of readers) connection.closeSync();
  checkpointer.closeSync();
  writer.closeSync();
  instance.closeSync();
}

/** A connection that reads the file's tables by their names. */
export async function connected(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run(`USE ${schemaName}`);
  return connection;
}

/** From here on no statement reaches another file, the network or a setting, whoever wrote it. */
async function shutIn(
  writer: DuckDBConnection,
  { readableFolder, readableFiles = [] }: DuckDbFileOptions,
): Promise<void> {
  // A statement that reads a file writes the characters of patterns in brackets: both are the same folder.
  const folders = [readableFolder, readableFolder.replace(/[*?[]/g, '[$&]')];
  await writer.run(
    `SET allowed_directories = [${folders.map((folder) => literal(`${folder}/`)).join(', ')}]`,
  );
  await writer.run(`SET allowed_paths = [${readableFiles.map(literal).join(', ')}]`);
  await writer.run('SET enable_external_access = false');
  await writer.run('SET lock_configuration = true');
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Whether an older version made the tables. */
async function checkVersion(writer: DuckDBConnection, path: string, expected: number): Promise<boolean> {
  await writer.run('CREATE TABLE IF NOT EXISTS format (version INTEGER NOT NULL)');
  const found = (await writer.runAndReadAll('SELECT version FROM format')).getRows()[0]?.[0];
  if (found === undefined) await writer.run(`INSERT INTO format VALUES (${expected})`);
  else if (Number(found) > expected) {
    throw new OpenFrameError(
      'DATA_FOLDER_TOO_NEW',
      `${path} has format ${String(found)}; this version reads up to ${expected}. Start the newer version.`,
    );
  }
  return found !== undefined && Number(found) < expected;
}
