import { headers } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import type { RejectedRecord, SinkBatch } from '../../streams/sink.ts';
import { isRefusal, storeFault } from './duckdb-faults.ts';
import type { DuckDbFile, Run } from './duckdb-file.ts';
import { numberOf } from './event-columns.ts';
import {
  completeSql,
  insertFileSql,
  insertStagedSql,
  maxRecordBytes,
  stageRepairedSql,
  stageSql,
} from './event-table.ts';
import { IdTally } from './id-tally.ts';
import {
  type Backfill,
  backfillOf,
  backfillSql,
  type Completion,
  completionOf,
  completionSql,
} from './late-facts.ts';
import { createHeaderTest, type LiveRecord, liveRecords } from './live-records.ts';
import { repairRecord } from './repair-record.ts';
import type { LineWriter, StagingFolder } from './staging-folder.ts';
import type { Stretches } from './stretches.ts';
import { createTimeRanges, type TimeRange, type TimeRanges } from './time-ranges.ts';
import { transact } from './transact.ts';

export interface EventWriterDeps {
  readonly file: DuckDbFile;
  readonly folder: StagingFolder;
  readonly clock: Clock;
  readonly stretches: Stretches;
}

/** What one transaction stores: the live records from `first`, up to and not including `end`. */
interface Part {
  readonly batches: readonly SinkBatch[];
  readonly first: number;
  end: number;
  /** Records in the staging file: those of the part but the ones too large. */
  count: number;
  /** Ids of the part's events, where each value begins with one. Shared by the parts, which follow each other. */
  readonly ids: IdTally;
  /** The records' own times: those of their events, unless a producer errs. */
  readonly times: TimeRanges;
  readonly backfills: Map<string, Backfill>;
  readonly completions: Map<string, Completion>;
  readonly rejected: RejectedRecord[];
}

/** Where the id stands in an enriched value. */
const idStart = '{"eventId":"'.length;
/** A transaction takes no more than this: memory stays bounded whatever a write brings. */
const partBytes = 16 * 1024 * 1024;

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
  const ids = new IdTally();
  const rejected: RejectedRecord[] = [];
  let first = 0;
  for (;;) {
    signal.throwIfAborted();
    ids.clear();
    const part = newPart(batches, first, ids, rejected);
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

function newPart(
  batches: readonly SinkBatch[],
  first: number,
  ids: IdTally,
  rejected: RejectedRecord[],
): Part {
  const collected = {
    times: createTimeRanges(),
    backfills: new Map<string, Backfill>(),
    completions: new Map<string, Completion>(),
  };
  return { batches, first, end: first, count: 0, ids, rejected, ...collected };
}

async function stagePart(part: Part, records: Iterator<LiveRecord>, lines: LineWriter): Promise<void> {
  const isBackfill = createHeaderTest(headers.backfill);
  const completes = createHeaderTest(headers.completes);
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
    part.times.add(cursor.timestampMs);
    part.ids.add(cursor.bytes, cursor.valueStart + idStart);
    if (isBackfill(cursor)) noteBackfill(part.backfills, cursor.value());
    if (completes(cursor)) noteCompletion(part.completions, cursor.value());
    if (lines.line(cursor.bytes, cursor.valueStart, cursor.valueEnd)) await lines.flush();
  }
}

function noteBackfill(backfills: Map<string, Backfill>, value: Buffer | null): void {
  const backfill = value === null ? undefined : backfillOf(value);
  if (backfill !== undefined)
    backfills.set(JSON.stringify([backfill.tenant_id, backfill.device_id]), backfill);
}

/** Of several of one event the last one counts. */
function noteCompletion(completions: Map<string, Completion>, value: Buffer | null): void {
  const completion = value === null ? undefined : completionOf(value);
  if (completion === undefined) return;
  completions.set(JSON.stringify([completion.tenant_id, completion.event_id.toLowerCase()]), completion);
}

/**
 * Nearly always every record is sound and new, so the file is inserted straight away. Where the number of
 * new rows says otherwise, nothing is kept of that and each record is looked at.
 */
async function storePart(deps: EventWriterDeps, part: Part, path: string, run: Run): Promise<void> {
  if (part.ids.size === part.count && (await insertFile(deps, part, path, run))) return;
  try {
    let complete = await stage(run, stageSql(path, { repaired: false, indexed: false }));
    if (complete < part.count) complete = await mend(deps, part, run);
    if (complete === 0) return;
    const [ranges, nowMs] = [await stagedRanges(run), deps.clock.nowMs()];
    await deps.stretches.noteWrite(run, { ranges, count: complete, nowMs });
    await transact(run, async () => {
      await run(insertStagedSql({ ranges, nowMs }));
      await completeRows(deps, part, run);
      return true;
    });
  } finally {
    await run('DROP TABLE IF EXISTS staged').catch(() => undefined);
  }
}

/** Inserts the whole file; false, with nothing changed, where not each of its records became a new row. */
async function insertFile(deps: EventWriterDeps, part: Part, path: string, run: Run): Promise<boolean> {
  const [ranges, nowMs] = [part.times.ranges(), deps.clock.nowMs()];
  const sql = insertFileSql(path, { ranges, nowMs });
  try {
    await deps.stretches.noteWrite(run, { ranges, count: part.count, nowMs });
    return await transact(run, async () => {
      const inserted = numberOf((await run(sql))[0]?.[0]);
      if (inserted === part.count) await completeRows(deps, part, run);
      return inserted === part.count;
    });
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Devices first: by them the names are found. */
async function completeRows({ stretches }: EventWriterDeps, part: Part, run: Run): Promise<void> {
  const completions = [...part.completions.values()];
  if (completions.length > 0) {
    const times = createTimeRanges();
    for (const row of await run(completionSql, [JSON.stringify(completions)])) times.add(numberOf(row[0]));
    await stretches.noteChange(run, times.ranges());
  }
  const backfills = [...part.backfills.values()];
  if (backfills.length === 0) return;
  await stretches.noteBackfills(run, backfills);
  await run(backfillSql, [JSON.stringify(backfills)]);
}

/** Stages a file; the number of complete events. What the engine refuses as a whole has none. */
async function stage(run: Run, sql: string): Promise<number> {
  try {
    await run(sql);
  } catch (error) {
    if (isRefusal(error)) return 0;
    throw error;
  }
  return numberOf((await run(`SELECT count(*) FILTER (WHERE ${completeSql}) FROM staged`))[0]?.[0]);
}

/**
 * Stages again with each record's ordinal, so that the refused ones show by their absence; these are read by
 * JavaScript's rules and staged as it prints them, or rejected. Gives the number of events staged in the end.
 */
async function mend(deps: EventWriterDeps, part: Part, run: Run): Promise<number> {
  const { folder } = deps;
  await folder.withFile(
    (lines) => stageIndexed(part, lines),
    (path) => stage(run, stageSql(path, { repaired: false, indexed: true })),
  );
  const staged = await stagedOrdinals(run);
  await folder.withFile(
    (lines) => stageRepaired(part, staged, lines),
    (path) => run(stageRepairedSql(path)),
  );
  const stored = await stagedOrdinals(run);
  const named = new Set(part.rejected.map((r) => `${r.partition}/${r.offset}`));
  for (const { cursor, partition, ordinal } of recordsOf(part)) {
    if (stored.has(ordinal) || named.has(`${partition}/${cursor.offset}`)) continue;
    part.rejected.push({ partition, offset: cursor.offset, reason: 'the store cannot read the event' });
  }
  return stored.size;
}

async function stageIndexed(part: Part, lines: LineWriter): Promise<void> {
  for (const { cursor, ordinal } of recordsOf(part)) {
    if (cursor.bytes[cursor.valueStart] !== 0x7b) continue;
    const prefix = `{"recordIndex":${ordinal},`;
    if (lines.line(cursor.bytes, cursor.valueStart + 1, cursor.valueEnd, prefix)) await lines.flush();
  }
}

async function stageRepaired(part: Part, staged: ReadonlySet<number>, lines: LineWriter): Promise<void> {
  for (const { cursor, partition, ordinal } of recordsOf(part)) {
    const value = cursor.value();
    if (staged.has(ordinal) || value === null) continue;
    const repaired = repairRecord(value, ordinal);
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
  const times = createTimeRanges();
  for (const row of await run('SELECT DISTINCT epoch_ms(event_time) FROM staged'))
    times.add(numberOf(row[0]));
  return times.ranges();
}
