import type {
  DuckDBConnection,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
  DuckDBValue,
} from '@duckdb/node-api';

/** A bound parameter. Numbers are bound as DOUBLE, so whole numbers that SQL counts with are given as bigint. */
export type Parameter = string | number | bigint | null;
export type Row = readonly DuckDBValue[];

/**
 * The rows of one statement. The driver's own way takes five turns of the event loop, each of which waits for whatever
 * the process does meanwhile: this takes two, one without parameters, and none for the rows.
 */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  if (parameters.length === 0) return readRows(await connection.run(sql));
  const prepared = await connection.prepare(sql);
  try {
    return await runBound(prepared, parameters);
  } finally {
    prepared.destroySync();
  }
}

const keptStatements = new WeakMap<DuckDBConnection, Map<string, DuckDBPreparedStatement>>();
const keptLimit = 16;

/**
 * The same of a statement that is kept with its connection. The engine plans a statement when it is prepared, and again
 * with what is bound: a kept one is planned once a question, in one turn.
 */
export async function keptRowsOf(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  const kept = keptStatements.get(connection) ?? new Map<string, DuckDBPreparedStatement>();
  keptStatements.set(connection, kept);
  let prepared = kept.get(sql);
  if (prepared === undefined) {
    if (kept.size >= keptLimit) forgetAll(kept);
    prepared = await connection.prepare(sql);
    kept.set(sql, prepared);
  }
  return runBound(prepared, parameters);
}

function forgetAll(kept: Map<string, DuckDBPreparedStatement>): void {
  for (const prepared of kept.values()) prepared.destroySync();
  kept.clear();
}

async function runBound(
  prepared: DuckDBPreparedStatement,
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  prepared.bind([...parameters]);
  return readRows(await prepared.run());
}

function readRows(result: DuckDBMaterializedResult): readonly Row[] {
  return Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index).getRows()).flat();
}
