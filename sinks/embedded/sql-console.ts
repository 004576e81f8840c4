import type { DuckDBConnection } from '@duckdb/node-api';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Clock } from '../../streams/clock.ts';
import {
  type SqlAnswer,
  type SqlColumn,
  type SqlConsole,
  type SqlRequest,
  type SqlTable,
  sqlTimeoutMs,
} from '../sql.ts';
import { storeFault } from './duckdb-faults.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { eventColumns } from './event-columns.ts';
import { schemaName } from './open-duckdb.ts';
import { hasSamplesSql, samplesSql } from './samples.ts';
import { checkSelect, isNode, refused, type SqlNode } from './sql-check.ts';

const shown = eventColumns.filter(({ member }) => member !== 'tenantId');
const eventsTable: SqlTable = {
  name: 'events',
  columns: [
    ...shown.map(({ column, type }) => ({ name: column, type })),
    { name: 'message', type: 'VARCHAR' },
    { name: 'data', type: 'VARCHAR' },
  ],
};
const samplesTable: SqlTable = {
  name: 'samples',
  columns: [
    { name: 'event_id', type: 'UUID' },
    { name: 'device_id', type: 'VARCHAR' },
    { name: 'event_time', type: 'TIMESTAMP_MS' },
    { name: 'name', type: 'VARCHAR' },
    { name: 'unit', type: 'VARCHAR' },
    { name: 'labels', type: 'VARCHAR' },
    { name: 'value', type: 'DOUBLE' },
  ],
};
const longestText = 65_536;
const answerCharacters = 16 * 1024 * 1024;
const waitingLimit = 10;
const interruptEveryMs = 50;
const tables = [eventsTable, samplesTable];
const tableNames: ReadonlySet<string> = new Set(tables.map(({ name }) => name));

/** Questions wait for each other: one may take what memory the engine has to spare, not two. */
export function createSqlConsole(file: DuckDbFile, clock: Clock): SqlConsole {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    dialect: 'DuckDB',
    tables,
    async run(scope, request, signal) {
      if (waiting >= waitingLimit) throw tooMany();
      waiting++;
      const mine = last.then(() => {
        waiting--;
        signal.throwIfAborted();
        return file.withConnection((connection) =>
          runSql({ connection, file, clock, scope, request, signal }),
        );
      });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

interface SqlRun {
  readonly connection: DuckDBConnection;
  readonly file: DuckDbFile;
  readonly clock: Clock;
  readonly scope: TenantScope;
  readonly request: SqlRequest;
  readonly signal: AbortSignal;
}

async function runSql({ connection, file, clock, scope, request, signal }: SqlRun): Promise<SqlAnswer> {
  const sql = await confined(connection, scope, request.sql).catch((error: unknown) => {
    throw faultOf(error, file.path);
  });
  let isLate = false;
  const done = new AbortController();
  const watched = watch({ connection, clock, signal, done: done.signal }, () => {
    isLate = true;
  });
  try {
    if (request.explain) return planOf(await connection.runAndReadAll(`EXPLAIN ${sql}`));
    const reader = await connection.streamAndReadUntil(sql, request.limit + 1);
    const columns = reader.columnNames().map((name, i) => ({ name, type: String(reader.columnTypes()[i]) }));
    const rows = reader.getRowsJson();
    return {
      columns,
      ...bounded(
        rows.map((row) => row.map((value, i) => answered(value, columns[i]))),
        request.limit,
      ),
    };
  } catch (error) {
    signal.throwIfAborted();
    throw isLate ? tooMuch('time') : faultOf(error, file.path);
  } finally {
    done.abort();
    await watched;
  }
}

interface Watched extends Pick<SqlRun, 'connection' | 'clock' | 'signal'> {
  readonly done: AbortSignal;
}

/** Interrupts what takes too long or is asked by nobody any more: again and again, as one may come before it runs. */
async function watch({ connection, clock, signal, done }: Watched, onLate: () => void): Promise<void> {
  await clock.sleep(sqlTimeoutMs, AbortSignal.any([signal, done]));
  if (!done.aborted && !signal.aborted) onLate();
  while (!done.aborted) {
    connection.interrupt();
    await clock.sleep(interruptEveryMs, done);
  }
}

/**
 * The question over the tenant's rows alone. It is checked as the parser understands it, printed anew from that (so
 * no comment is left), checked again as it is printed, and only then gets the tables, as the outermost WITH.
 */
async function confined(connection: DuckDBConnection, scope: TenantScope, asked: string): Promise<string> {
  const first = await parse(connection, asked);
  checkSelect(first.statement, tableNames);
  const printed = await print(connection, first.json);
  checkSelect((await parse(connection, printed)).statement, tableNames);
  const whole = /^WITH /.test(printed)
    ? `${tablesSql(scope)}, ${printed.slice('WITH '.length)}`
    : `${tablesSql(scope)} ${printed}`;
  const { statement } = await parse(connection, whole);
  if (ctesOf(statement).slice(0, tables.length).join() !== [...tableNames].join()) {
    throw refused('It cannot be put over the tables');
  }
  return whole;
}

function tablesSql({ tenantId }: TenantScope): string {
  const tenant = `'${tenantId.toWellFormed().replaceAll("'", "''")}'`;
  const source = `FROM ${schemaName}.main.events WHERE tenant_id = ${tenant}`;
  const events = eventsTable.columns.map(({ name }) => boundedSql(name)).join(', ');
  return `WITH events AS (SELECT ${events} ${source}), samples AS (
    SELECT event_id, device_id, event_time, sample.name AS name, sample.unit AS unit, sample.labels AS labels,
      sample.value AS value
    FROM (SELECT event_id, device_id, event_time, unnest(${samplesSql}) AS sample ${source} AND ${hasSamplesSql})
    WHERE sample.name IS NOT NULL AND isfinite(sample.value))`;
}

/** A question could gather thousands of texts of a megabyte, which the engine would hold at once. */
function boundedSql(column: string): string {
  if (column === 'data') return `CASE WHEN strlen(data) <= ${longestText} THEN data END AS data`;
  return column === 'message' ? `left(message, ${longestText}) AS message` : column;
}

/** The names that the outermost WITH gives, in order. */
function ctesOf({ node }: SqlNode): readonly string[] {
  const map = isNode(node) && isNode(node['cte_map']) ? node['cte_map']['map'] : undefined;
  return (Array.isArray(map) ? (map as unknown[]) : []).map((entry) =>
    isNode(entry) ? String(entry['key']) : '',
  );
}

/** The one statement of a text, as the engine's parser understands it: as JSON, which JavaScript rounds, and read. */
async function parse(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ readonly json: string; readonly statement: SqlNode }> {
  const [row] = (await connection.runAndReadAll('SELECT json_serialize_sql(?::VARCHAR)', [sql])).getRows();
  const json = String(row?.[0]);
  const parsed: unknown = JSON.parse(json);
  if (!isNode(parsed)) throw refused('It is no SELECT');
  if (parsed['error'] === true) throw refused(String(parsed['error_message']).slice(0, 300));
  const statements: unknown = parsed['statements'];
  const [statement, ...others] = Array.isArray(statements) ? (statements as unknown[]) : [];
  if (!isNode(statement) || others.length > 0) throw refused('It is not one statement');
  return { json, statement };
}

async function print(connection: DuckDBConnection, json: string): Promise<string> {
  const [row] = (await connection.runAndReadAll('SELECT json_deserialize_sql(?::JSON)', [json])).getRows();
  return String(row?.[0]).replace(/;\s*$/, '');
}

function planOf(reader: { getRowsJson(): readonly (readonly unknown[])[] }): SqlAnswer {
  const text = reader.getRowsJson().map((row) => String(row.at(-1)));
  const rows = text.flatMap((plan) => plan.split('\n').map((line) => [line]));
  return { columns: [{ name: 'plan', type: 'VARCHAR' }], rows, truncated: false };
}

const wholeTypes: readonly string[] = ['BIGINT', 'UBIGINT', 'HUGEINT'];

function answered(value: unknown, column: SqlColumn | undefined): unknown {
  if (typeof value !== 'string' || column === undefined) return value;
  if (wholeTypes.includes(column.type)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (column.type.startsWith('TIMESTAMP') && /^\d{4}-\d\d-\d\d /.test(value)) {
    return new Date(`${value.replace(/([+]00)?$/, '').replace(' ', 'T')}Z`).toISOString();
  }
  return value;
}

/** So many rows as are asked for, and as fit into an answer. */
function bounded(
  rows: readonly (readonly unknown[])[],
  limit: number,
): Pick<SqlAnswer, 'rows' | 'truncated'> {
  let characters = 0;
  const end = rows.findIndex((row, i) => {
    characters += row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
    return i >= limit || characters > answerCharacters;
  });
  return { rows: end < 0 ? rows : rows.slice(0, end), truncated: end >= 0 };
}

function tooMany(): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `${waitingLimit} questions wait already, and they are answered one by one: ask again in a moment.`,
    { retryable: true, details: { limit: waitingLimit } },
  );
}

function tooMuch(limit: 'time' | 'memory'): OpenFrameError {
  const what =
    limit === 'time'
      ? `took longer than ${sqlTimeoutMs / 1000} s`
      : 'needs more memory than there is to spare';
  return new OpenFrameError(
    'QUERY_TOO_COMPLEX',
    `The question ${what}: narrow the time, or group less finely.`,
    { details: { limit } },
  );
}

/** What the engine says of a question that is wrong. What it says of a value is left out: it could be long, or odd. */
function faultOf(error: unknown, path: string): OpenFrameError {
  const message = messageOf(error);
  if (/^Out of Memory Error/.test(message)) return tooMuch('memory');
  if (/^(Conversion|Out of Range|Invalid Input) Error/.test(message)) {
    return refused('A value does not fit a function or a type; try_cast gives null for such');
  }
  if (/^(Binder|Catalog|Parser|Syntax|Not implemented) Error/i.test(message)) {
    return refused(message.split('\n')[0]?.slice(0, 300) ?? '');
  }
  return storeFault(error, path);
}
