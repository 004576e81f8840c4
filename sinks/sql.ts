import type { TenantScope } from '../contracts/tenant.ts';

/** SQL on analytics that sees one tenant: what `POST /api/v1/sql` asks. */
export interface SqlConsole {
  /** Whose SQL it is. */
  readonly dialect: 'DuckDB' | 'Pinot';
  /** What may be asked: nothing else has a name. */
  readonly tables: readonly SqlTable[];
  /**
   * Runs one SELECT over the tenant's rows. Throws `QUERY_INVALID` for what is no such question, `QUERY_TOO_COMPLEX`
   * where it takes too long or too much memory; ends with the signal's reason when that aborts.
   */
  run(scope: TenantScope, request: SqlRequest, signal: AbortSignal): Promise<SqlAnswer>;
}

export interface SqlTable {
  readonly name: string;
  readonly columns: readonly SqlColumn[];
}

export interface SqlColumn {
  readonly name: string;
  /** As the dialect calls it. */
  readonly type: string;
}

export interface SqlRequest {
  readonly sql: string;
  /** Most rows that are answered, at least 1. */
  readonly limit: number;
  /** The engine's plan instead of the rows: one column of text, a line a row. */
  readonly explain: boolean;
}

export interface SqlAnswer {
  readonly columns: readonly SqlColumn[];
  /** Texts, numbers, booleans and nulls; whole numbers beyond a double's are texts, moments are RFC 3339. */
  readonly rows: readonly (readonly unknown[])[];
  /** True where there are more rows than were asked for. */
  readonly truncated: boolean;
}

/** How long one question may take, milliseconds. */
export const sqlTimeoutMs = 10_000;
