import { agentEventTypes } from '../../contracts/event.ts';
import { earliestMs, eventColumns, latestMs } from './event-columns.ts';
import type { TimeRange } from './time-ranges.ts';

/**
 * The table of all events: the members of the enriched JSON as columns, the time of writing, and `data` as the text
 * that came. Where the engine cannot read that text (a lone surrogate's escape), `readable_data` has what it can.
 * `message` has what `messageOf` gives, where it is not the summary: for searches. The texts' compression is the one
 * that the engine would choose after trying all of them, which costs as much as compressing.
 */
const payloadColumns = ['data', 'readable_data', 'message'] as const;
const textCompression = ' USING COMPRESSION dict_fsst';
const columns = eventColumns.map(
  (c) =>
    `${c.column} ${c.type}${c.required ? ' NOT NULL' : ''}${c.type === 'VARCHAR' ? textCompression : ''}`,
);
export const createEventsSql =
  `CREATE TABLE IF NOT EXISTS events (${columns.join(', ')}, stored_time TIMESTAMP_MS NOT NULL, ` +
  'data VARCHAR USING COMPRESSION zstd, ' +
  `readable_data VARCHAR${textCompression}, message VARCHAR${textCompression})`;

/** Brings a table of format 2 to this one. What it holds is not found by its message. */
export const addMessageSql = 'ALTER TABLE events ADD COLUMN IF NOT EXISTS message VARCHAR';

/** The largest record that is stored: an event of the largest size with room for what enriching adds. */
export const maxRecordBytes = 4 * 1024 * 1024;

const staged = 'staged';

/** True for a row that lacks nothing it must have. */
export const completeSql = eventColumns
  .filter((c) => c.required)
  .map((c) => `${c.column} IS NOT NULL`)
  .join(' AND ');

export interface StageOptions {
  readonly repaired: boolean;
  readonly indexed: boolean;
}

/** Reads a staging file into the temporary table `staged`, which it replaces. What is no event becomes NULLs. */
export function stageSql(path: string, options: StageOptions): string {
  return `CREATE OR REPLACE TEMP TABLE ${staged} AS ${selectSql(path, options)}`;
}

/** Adds the lines of a repaired staging file to `staged`. */
export function stageRepairedSql(path: string): string {
  return `INSERT INTO ${staged} ${selectSql(path, { repaired: true, indexed: true })}`;
}

function selectSql(path: string, options: StageOptions): string {
  const members: [string, string][] = eventColumns.map((c) => [
    c.member,
    c.type === 'TIMESTAMP_MS' ? 'BIGINT' : c.type,
  ]);
  members.push(['data', options.repaired ? 'VARCHAR' : 'JSON']);
  if (options.repaired) members.push(['readableData', 'VARCHAR']);
  if (options.indexed) members.unshift(['recordIndex', 'BIGINT']);
  const select = eventColumns.map((c) =>
    c.type === 'TIMESTAMP_MS' ? `${momentSql(c.member)} AS ${c.column}` : `"${c.member}" AS ${c.column}`,
  );
  if (options.indexed) select.unshift('"recordIndex" AS record_index');
  const readable = options.repaired ? '"readableData"' : 'NULL::VARCHAR';
  const payload = `data::VARCHAR AS data, ${readable} AS readable_data, ${messageSql(options)} AS message`;
  const types = members.map(([name, type]) => `"${name}": '${type}'`).join(', ');
  return (
    `SELECT ${select.join(', ')}, ${payload} ` +
    `FROM read_json('${literalPath(path)}', format = 'newline_delimited', compression = 'uncompressed', ` +
    `ignore_errors = true, maximum_object_size = ${maxRecordBytes + 64 * 1024}, columns = {${types}})`
  );
}

/** Not looked for in what most events are, whose data has none. */
const messageless = [agentEventTypes.heartbeat, agentEventTypes.metrics]
  .map((type) => `'${type}'`)
  .join(', ');

function messageSql({ repaired }: StageOptions): string {
  const json = repaired ? 'coalesce("readableData", data)' : 'data';
  const message = `json_extract_string(${json}, '$.message')`;
  return `CASE WHEN "sourceType" NOT IN (${messageless}) THEN nullif(${message}, "summary") END`;
}

function momentSql(member: string): string {
  return `CASE WHEN "${member}" BETWEEN ${earliestMs} AND ${latestMs} THEN make_timestamp_ms("${member}")::TIMESTAMP_MS END`;
}

/** The path as a SQL literal that names one file: characters of a pattern stand for themselves. */
function literalPath(path: string): string {
  return path.replace(/[*?[]/g, '[$&]').replaceAll("'", "''");
}

export interface InsertOptions {
  /** Where stored rows are searched: the blocks of other times are not read. Must cover the new events. */
  readonly ranges: readonly TimeRange[];
  /** The moment that the rows take for the time of their writing. */
  readonly nowMs: number;
}

/** Inserts the events of a staging file that are not there yet and whose time is in the ranges. */
export function insertFileSql(path: string, options: InsertOptions): string {
  const source = selectSql(path, { repaired: false, indexed: false });
  return insertSql(`(${source})`, options, `WHERE ${inRanges('s.event_time', options.ranges)}`);
}

/** Inserts the staged events that are not there yet; of those with the same id the first. */
export function insertStagedSql(options: InsertOptions): string {
  const first = 'QUALIFY row_number() OVER (PARTITION BY s.tenant_id, s.event_id ORDER BY s.rowid) = 1';
  return insertSql(staged, options, first);
}

function insertSql(source: string, options: InsertOptions, rest: string): string {
  const names = [...eventColumns.map((c) => c.column), ...payloadColumns].join(', ');
  const stored = options.ranges.map(
    (range) => `SELECT tenant_id, event_id FROM events WHERE ${inRanges('event_time', [range])}`,
  );
  return (
    `INSERT INTO events (${names}, stored_time) ` +
    `SELECT ${names.replaceAll(/\w+/g, 's.$&')}, make_timestamp_ms(${BigInt(options.nowMs)})::TIMESTAMP_MS FROM ${source} s ` +
    `ANTI JOIN (${stored.join(' UNION ALL ')}) e ON e.event_id = s.event_id AND e.tenant_id = s.tenant_id ${rest}`
  );
}

function inRanges(column: string, ranges: readonly TimeRange[]): string {
  const moment = (timeMs: number): string => `make_timestamp_ms(${BigInt(timeMs)})::TIMESTAMP_MS`;
  return ranges.map((r) => `${column} BETWEEN ${moment(r.fromMs)} AND ${moment(r.toMs)}`).join(' OR ');
}
