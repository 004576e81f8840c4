import type { EventFilter } from '../analytics.ts';
import type { Run } from './duckdb-file.ts';
import { earliestMs, latestMs, momentParameter, momentSql, numberOf } from './event-columns.ts';
import type { BoundSql } from './event-filter.ts';
import type { Parameter, Row } from './rows-of.ts';
import { momentLiteral } from './stretch-tables.ts';
import type { TimeRange } from './time-ranges.ts';

/** A stretch as it is stored: from its start up to and not including its end. */
export interface Stretch extends TimeRange {
  readonly stretch: number;
  /** Rows that were stored at or after this moment are not counted in it. */
  readonly lateFromMs: number | undefined;
}

/** All stretches by time. Within one transaction they say what the rows that it sees are. */
export async function readStretches(run: Run): Promise<readonly Stretch[]> {
  return (await run(`SELECT ${stretchColumnsSql} FROM stretches ORDER BY from_time`)).map(stretchOf);
}

/** What `stretchOf` reads a stretch from. */
export const stretchColumnsSql = 'stretch, epoch_ms(from_time), epoch_ms(to_time), epoch_ms(late_from)';

export function stretchOf(row: Row): Stretch {
  return {
    stretch: numberOf(row[0]),
    fromMs: numberOf(row[1]),
    toMs: numberOf(row[2]),
    lateFromMs: row[3] === null ? undefined : numberOf(row[3]),
  };
}

/** More gaps than this are one condition: less to plan, more to compare by row. */
const gapsApart = 6;

/** Conditions on `events`, disjoint, for the rows that these stretches do not count. */
export function uncountedSql(stretches: readonly Stretch[]): readonly string[] {
  if (stretches.length === 0) return ['true'];
  const gaps = gapsBetween(stretches).map(rangeSql);
  return [...(gaps.length > gapsApart ? [`(${gaps.join(' OR ')})`] : gaps), ...lateSql(stretches)];
}

/** The time between stretches that are in order, in order; ends are not included. */
export function gapsBetween(stretches: readonly TimeRange[]): readonly TimeRange[] {
  const gaps: TimeRange[] = [];
  let fromMs = earliestMs;
  for (const stretch of stretches) {
    if (stretch.fromMs > fromMs) gaps.push({ fromMs, toMs: stretch.fromMs });
    fromMs = stretch.toMs;
  }
  if (fromMs <= latestMs) gaps.push({ fromMs, toMs: latestMs + 1 });
  return gaps;
}

/** The stretches whose rows a filter takes all, as far as their time goes. Their counts know no words. */
export function stretchesWithin(stretches: readonly Stretch[], filter: EventFilter): readonly Stretch[] {
  if (isSearched(filter)) return [];
  const { fromMs = earliestMs, toMs = latestMs + 1 } = filter;
  return stretches.filter((s) => s.fromMs >= fromMs && s.toMs <= toMs);
}

function isSearched({ search = '' }: EventFilter): boolean {
  return search.trim() !== '';
}

/** A condition that names these stretches. */
export function numberedSql(stretches: readonly Pick<Stretch, 'stretch'>[]): string {
  return `stretch IN (${stretches.map(({ stretch }) => stretch).join(', ')})`;
}

/** A condition on `event_time` that holds from the start up to and not including the end. */
export function rangeSql(range: TimeRange): string {
  return withinSql(range, momentLiteral);
}

/** The same of several times; the moments are bound, so that the statement is the same for others. */
export function boundRangesSql(ranges: readonly TimeRange[]): BoundSql {
  const parameters: Parameter[] = [];
  const bound = (timeMs: number): string => {
    parameters.push(momentParameter(timeMs));
    return momentSql;
  };
  return { sql: `(${ranges.map((range) => withinSql(range, bound)).join(' OR ')})`, parameters };
}

function withinSql({ fromMs, toMs }: TimeRange, momentOf: (timeMs: number) => string): string {
  const conditions = [
    ...(fromMs > earliestMs ? [`event_time >= ${momentOf(fromMs)}`] : []),
    ...(toMs <= latestMs ? [`event_time < ${momentOf(toMs)}`] : []),
  ];
  return conditions.length === 0 ? 'true' : `(${conditions.join(' AND ')})`;
}

/**
 * The condition for rows that came late into stretches; empty where none did. Its first two parts say less than the
 * third, and let the engine pass over blocks of rows.
 */
export function lateSql(stretches: readonly Stretch[]): readonly string[] {
  const late = stretches.filter((s) => s.lateFromMs !== undefined);
  if (late.length === 0) return [];
  const earliest = Math.min(...late.map((s) => s.lateFromMs ?? latestMs));
  const each = late.map(
    (s) => `(${rangeSql(s)} AND stored_time >= ${momentLiteral(s.lateFromMs ?? latestMs)})`,
  );
  const times = late.map(rangeSql).join(' OR ');
  return [`(stored_time >= ${momentLiteral(earliest)} AND (${times}) AND (${each.join(' OR ')}))`];
}
