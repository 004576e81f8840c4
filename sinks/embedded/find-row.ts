import type { TenantScope } from '../../contracts/tenant.ts';
import type { DuckDbReader, Row } from './duckdb-file.ts';
import { isEventId, numberOf } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';
import { rangeSql, readStretches, uncountedSql } from './stretch-cover.ts';
import { markSql, secondMs } from './stretch-tables.ts';
import type { TimeRange } from './time-ranges.ts';

export interface SoughtRow {
  readonly eventId: string;
  /** What of the row is wanted, as SQL lists it. */
  readonly select: string;
}

/**
 * The row of one event, looked for where it can be: in the seconds that have an id with its mark, and in what is in no
 * stretch. Undefined where this tenant has none.
 */
export async function findRow(
  file: DuckDbReader,
  scope: TenantScope,
  { eventId, select }: SoughtRow,
): Promise<Row | undefined> {
  if (!isEventId(eventId)) return undefined;
  return file.read(async (run) => {
    const stretches = await readStretches(run);
    const marked = await run(
      `SELECT from_ms, second FROM (SELECT stretch, second FROM stretch_marks WHERE mark = ${markSql('?::UUID')})
       JOIN (SELECT stretch, epoch_ms(from_time) AS from_ms FROM stretches) USING (stretch)`,
      [eventId],
    );
    const likely = marked.map((row) => rangeSql(secondOf(numberOf(row[0]), numberOf(row[1]))));
    const from = eventsOf(scope, {});
    for (const where of [...likely, ...uncountedSql(stretches)]) {
      const sql = `SELECT ${select} ${from.sql} AND event_id = ?::UUID AND ${where} LIMIT 1`;
      const row = (await run(sql, [...from.parameters, eventId]))[0];
      if (row !== undefined) return row;
    }
    return undefined;
  });
}

function secondOf(stretchMs: number, second: number): TimeRange {
  const fromMs = stretchMs + second * secondMs;
  return { fromMs, toMs: fromMs + secondMs };
}
