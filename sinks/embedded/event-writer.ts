import type { Clock } from '../../streams/clock.ts';
import type { RejectedRecord, SinkBatch } from '../../streams/sink.ts';
import { type DuckDbFile, isRefusal, type Run, storeFault } from './duckdb-file.ts';
import { numberOf } from './event-columns.ts';
import {
  type Backfill,
  backfillOf,
  backfillSql,
  completeSql,
  type EventTable,
  insertSql,
  maxRecordBytes,
  stageRepairedSql,
  stageSql,
  type TimeRange,
} from './event-table.ts';
import { createBackfillTest, type LiveRecord, liveRecords } from './live-records.ts';
import { repairRecord } from './repair-record.ts';
import type { LineWriter, StagingFolder } from './staging-folder.ts';

export interface EventWriterDeps {
  readonly file: DuckDbFile;
  readonly folder: StagingFolder;
  readonly table: EventTable;
  readonly clock: Clock;
}

/** What one transaction stores: the live records from `first`, up to and not including `end`. */
interface Part {
  readonly batches: readonly SinkBatch[];
  readonly first: number;
  end: number;
  /** Records in the staging file: those of the part but the ones too large. */
  count: number;
  readonly backfills: Map<string, Backfill>;
  readonly rejected: RejectedRecord[];
}

/** A transaction takes no more than this: memory stays bounded whatever a write brings. */
const partBytes = 16 * 1024 * 1024;
/** Events of one hour are searched for together; beyond so many hours, all between them are. */
const hourMs = 3_600_000n;
const maxRanges = 12;

/**
 * Writes records of the enriched topic into `events`, with the guarantees of `Sink.write`. The values go as
 * lines into a staging file, which the engine parses: no record becomes an object here unless it is refused.
 */
export async function writeEvents(
  deps: EventWriterDeps,
  batches: readonly SinkBatch[],
  signal: AbortSignal,
): Promise<readonly RejectedRecord[]> {
  const records = liveRecords(batches);
  const rejected: RejectedRecord[] = [];
  let first = 0;
  for (;;) {
    signal.throwIfAborted();
    const part: Part = { batches, first, end: first, count: 0, backfills: new Map(), rejected };
    try {
      await deps.folder.withFile(
        (lines) => stagePart(part, records, lines),
        async (path) => {
          if (part.count > 0) await deps.file.change((run) => storePart(deps, part, path, run));
        },
      );
    } catch (error) {
      throw storeFault(error, deps.file.path);
    }
    if (part.end === first) return rejected;
    first = part.end;
  }
}

async function stagePart(part: Part, records: Iterator<LiveRecord>, lines: LineWriter): Promise<void> {
  const isBackfill = createBackfillTest();
  while (lines.sizeBytes < partBytes) {
    const next = records.next();
    if (next.done === true) return;
    part.end++;
    const { cursor, partition } = next.value;
    if (cursor.valueEnd - cursor.valueStart > maxRecordBytes) {
      part.rejected.push({ partition, offset: cursor.offset, reason: `larger than ${maxRecordBytes} bytes` });
      continue;
    }
    part.count++;
    if (isBackfill(cursor)) noteBackfill(part.backfills, cursor.value());
    if (lines.line(cursor.bytes, cursor.valueStart, cursor.valueEnd)) await lines.flush();
  }
}

function noteBackfill(backfills: Map<string, Backfill>, value: Buffer | null): void {
  const backfill = value === null ? undefined : backfillOf(value);
  if (backfill !== undefined)
    backfills.set(JSON.stringify([backfill.tenant_id, backfill.device_id]), backfill);
}

async function storePart(deps: EventWriterDeps, part: Part, path: string, run: Run): Promise<void> {
  const { table } = deps;
  try {
    let { complete, distinct } = await stage(run, stageSql(table, path, { repaired: false, indexed: false }));
    if (complete < part.count) {
      await mend(deps, part, run);
      ({ complete, distinct } = await countStaged(run));
    }
    if (complete === 0) return;
    const ranges = await stagedRanges(run);
    await run('BEGIN');
    await run(insertSql(table, { ranges, hasDuplicates: distinct < complete, nowMs: deps.clock.nowMs() }));
    if (part.backfills.size > 0) await run(backfillSql, [JSON.stringify([...part.backfills.values()])]);
    await run('COMMIT');
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await run('DROP TABLE IF EXISTS staged').catch(() => undefined);
  }
}

interface StagedCounts {
  readonly complete: number;
  readonly distinct: number;
}

/** Stages; where the engine refuses the file as a whole, that counts as no record being complete. */
async function stage(run: Run, sql: string): Promise<StagedCounts> {
  try {
    await run(sql);
  } catch (error) {
    if (isRefusal(error)) return { complete: 0, distinct: 0 };
    throw error;
  }
  return countStaged(run);
}

async function countStaged(run: Run): Promise<StagedCounts> {
  const sql = `SELECT count(*) FILTER (WHERE ${completeSql}), count(DISTINCT event_id) FROM staged`;
  const row = (await run(sql))[0];
  return { complete: numberOf(row?.[0]), distinct: numberOf(row?.[1]) };
}

/**
 * Stages again with each record's ordinal, so that the refused ones show by their absence; these are read by
 * JavaScript's rules and staged as it prints them, or rejected.
 */
async function mend(deps: EventWriterDeps, part: Part, run: Run): Promise<void> {
  const { folder, table } = deps;
  await folder.withFile(
    (lines) => stageIndexed(part, lines),
    (path) => stage(run, stageSql(table, path, { repaired: false, indexed: true })),
  );
  const staged = await stagedOrdinals(run);
  await folder.withFile(
    (lines) => stageRepaired(deps, part, staged, lines),
    (path) => run(stageRepairedSql(table, path)),
  );
  const stored = await stagedOrdinals(run);
  const named = new Set(part.rejected.map((r) => `${r.partition}/${r.offset}`));
  for (const { cursor, partition, ordinal } of recordsOf(part)) {
    if (stored.has(ordinal) || named.has(`${partition}/${cursor.offset}`)) continue;
    part.rejected.push({ partition, offset: cursor.offset, reason: 'the store cannot read the event' });
  }
}

async function stageIndexed(part: Part, lines: LineWriter): Promise<void> {
  for (const { cursor, ordinal } of recordsOf(part)) {
    if (cursor.bytes[cursor.valueStart] !== 0x7b) continue;
    const prefix = `{"recordIndex":${ordinal},`;
    if (lines.line(cursor.bytes, cursor.valueStart + 1, cursor.valueEnd, prefix)) await lines.flush();
  }
}

async function stageRepaired(
  deps: EventWriterDeps,
  part: Part,
  staged: ReadonlySet<number>,
  lines: LineWriter,
): Promise<void> {
  for (const { cursor, partition, ordinal } of recordsOf(part)) {
    const value = cursor.value();
    if (staged.has(ordinal) || value === null) continue;
    const repaired = repairRecord(value, ordinal, deps.table.repairedData);
    if ('line' in repaired) {
      if (lines.line(repaired.line, 0, repaired.line.length)) await lines.flush();
    } else part.rejected.push({ partition, offset: cursor.offset, ...repaired });
  }
}

/** The ordinals of the records that are staged whole; what is not whole is removed. */
async function stagedOrdinals(run: Run): Promise<Set<number>> {
  await run(`DELETE FROM staged WHERE record_index IS NULL OR NOT (${completeSql})`);
  const rows = await run('SELECT record_index FROM staged');
  return new Set(rows.map((row) => numberOf(row[0])));
}

function* recordsOf(part: Part): Generator<LiveRecord> {
  for (const record of liveRecords(part.batches)) {
    if (record.ordinal >= part.end) return;
    const { valueStart, valueEnd } = record.cursor;
    if (record.ordinal >= part.first && valueEnd - valueStart <= maxRecordBytes) yield record;
  }
}

async function stagedRanges(run: Run): Promise<readonly TimeRange[]> {
  const rows = await run(
    'SELECT epoch_ms(min(event_time)), epoch_ms(max(event_time)) FROM staged ' +
      `GROUP BY epoch_ms(event_time) // ${hourMs} ORDER BY 1`,
  );
  const ranges = rows.map((row) => ({ fromMs: BigInt(numberOf(row[0])), toMs: BigInt(numberOf(row[1])) }));
  const first = ranges[0];
  const last = ranges.at(-1);
  if (ranges.length <= maxRanges || first === undefined || last === undefined) return ranges;
  return [{ fromMs: first.fromMs, toMs: last.toMs }];
}
