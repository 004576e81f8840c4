import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBValue } from '@duckdb/node-api';

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
  const result =
    parameters.length === 0 ? await connection.run(sql) : await runBound(connection, sql, parameters);
  return Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index).getRows()).flat();
}

async function runBound(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Parameter[],
): Promise<DuckDBMaterializedResult> {
  const prepared = await connection.prepare(sql);
  try {
    prepared.bind([...parameters]);
    return await prepared.run();
  } finally {
    prepared.destroySync();
  }
}
