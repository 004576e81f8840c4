import type { TenantScope } from '../../contracts/tenant.ts';
import type { DuckDbReader } from './duckdb-file.ts';
import { isEventId, numberOf } from './event-columns.ts';
import { type BoundSql, eventsOf } from './event-filter.ts';
import type { Row } from './rows-of.ts';
import { boundRangesSql, gapsBetween, lateSql, stretchColumnsSql, stretchOf } from './stretch-cover.ts';
import { markSql, secondMs } from './stretch-tables.ts';
import type { TimeRange } from './time-ranges.ts';

export interface SoughtRow {
  readonly eventId: string;
  /** What of the row is wanted, as SQL lists it. */
  readonly select: string;
}

const markedStretchesSql = `SELECT ${stretchColumnsSql}, second FROM stretches
  LEFT JOIN (SELECT stretch, second FROM stretch_marks WHERE mark = ${markSql('?::UUID')}) USING (stretch)
  ORDER BY from_time`;

/**
 * The row of one event, looked for where it can be: in the seconds that have an id with its mark, and in what is in no
 * stretch. Undefined where this tenant has none. Rows never move, so what was read of stretches at one moment says where
 * they are at the next.
 */
export async function findRow(
  file: DuckDbReader,
  scope: TenantScope,
  { eventId, select }: SoughtRow,
): Promise<Row | undefined> {
  if (!isEventId(eventId)) return undefined;
  const marked = await file.queryKept(markedStretchesSql, [eventId]);
  const stretches = marked.map(stretchOf);
  const likely = marked.flatMap((row, at) => {
    const second = row.at(-1);
    return second === null ? [] : [secondOf(stretches[at]?.fromMs ?? 0, numberOf(second))];
  });
  const from = eventsOf(scope, {});
  const rowWhere = ({ sql, parameters }: BoundSql): [string, BoundSql['parameters']] => [
    `SELECT ${select} ${from.sql} AND event_id = ?::UUID AND ${sql} LIMIT 1`,
    [...from.parameters, eventId, ...parameters],
  ];
  for (const ranges of [...likely.map((second) => [second]), gapsBetween(stretches)]) {
    const [row] = await file.queryKept(...rowWhere(boundRangesSql(ranges)));
    if (row !== undefined) return row;
  }
  for (const sql of lateSql(stretches)) {
    const [row] = await file.query(...rowWhere({ sql, parameters: [] }));
    if (row !== undefined) return row;
  }
  return undefined;
}

function secondOf(stretchMs: number, second: number): TimeRange {
  const fromMs = stretchMs + second * secondMs;
  return { fromMs, toMs: fromMs + secondMs };
}
