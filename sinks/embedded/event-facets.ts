import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, FacetName, FacetValue } from '../analytics.ts';
import type { DuckDbReader, Run } from './duckdb-file.ts';
import { earliestMs, numberOf, textOf, textSql } from './event-columns.ts';
import { type BoundSql, eventsOf, stretchesOf } from './event-filter.ts';
import type { Row } from './rows-of.ts';
import { numberedSql, readStretches, type Stretch, stretchesWithin, uncountedSql } from './stretch-cover.ts';
import { countedBySql, momentLiteral } from './stretch-tables.ts';

interface FacetColumn {
  readonly column: string;
  /** The column that its values are shown by. */
  readonly label: string | null;
}

export const facetColumns: Readonly<Record<FacetName, FacetColumn>> = {
  eventType: { column: 'event_type', label: null },
  toolType: { column: 'tool_type', label: null },
  severity: { column: 'severity', label: null },
  organizationId: { column: 'organization_id', label: 'organization_name' },
  deviceId: { column: 'device_id', label: 'hostname' },
};

interface CountedValue {
  readonly value: string;
  readonly count: number;
  /** The latest event time of what is counted. */
  readonly newestMs: number;
}

/** A piece of SQL that gives rows or counts, with `newest` and `events`, for the facets of these columns. */
interface Part extends BoundSql {
  readonly columns: readonly string[];
}

/** Counts by value of each facet, all as of one moment: see `Analytics.facets`. */
export function facetCounts(
  file: DuckDbReader,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  return file.read(async (run) => {
    const parts = partsOf(await readStretches(run), scope, filter);
    const bound = parts.flatMap(({ parameters }) => parameters);
    const rows = await run(largestSql(parts), [...bound, BigInt(limit)]);
    const labelled = (name: FacetName): Promise<readonly FacetValue[]> =>
      labelValues(run, parts, facetColumns[name], valuesOf(name, rows));
    return {
      eventType: await labelled('eventType'),
      toolType: await labelled('toolType'),
      severity: await labelled('severity'),
      organizationId: await labelled('organizationId'),
      deviceId: await labelled('deviceId'),
    };
  });
}

const deviceColumn = facetColumns.deviceId.column;
const columns = Object.values(facetColumns).map(({ column }) => column);

/**
 * All that a filter takes. Of the stretches that it takes whole their counts: by device for the facet of devices and where
 * the filter names one, else those of all devices together. All other rows one by one.
 */
function partsOf(stretches: readonly Stretch[], scope: TenantScope, filter: EventFilter): readonly Part[] {
  const within = stretchesWithin(stretches, filter);
  const events = eventsOf(scope, filter);
  const rows = uncountedSql(within).map((where) => ({
    sql: `SELECT ${countedBySql}, event_time AS newest, 1::BIGINT AS events ${events.sql} AND ${where}`,
    parameters: events.parameters,
    columns,
  }));
  if (within.length === 0) return rows;
  const which = within.length === stretches.length ? '' : ` AND ${numberedSql(within)}`;
  const counts = (table: 'stretch_counts' | 'stretch_totals', counted: readonly string[]): Part => {
    const { sql, parameters } = stretchesOf(table, scope, filter);
    return { sql: `${sql}${which}`, parameters, columns: counted };
  };
  if (filter.deviceId !== undefined || filter.withoutDevice === true)
    return [...rows, counts('stretch_counts', columns)];
  const others = columns.filter((column) => column !== deviceColumn);
  return [...rows, counts('stretch_totals', others), counts('stretch_counts', [deviceColumn])];
}

/** The largest values of each facet; how many is bound. */
function largestSql(parts: readonly Part[]): string {
  return `SELECT facet, ${textSql('value')}, events, epoch_ms(newest) FROM (
      SELECT facet, value, sum(events)::BIGINT AS events, max(newest) AS newest
      FROM (${parts.map(countedSql).join(' UNION ALL ')}) WHERE value IS NOT NULL GROUP BY facet, value)
    QUALIFY row_number() OVER (PARTITION BY facet ORDER BY events DESC, value) <= ? ORDER BY events DESC, value`;
}

/** One pass counts all facets, each by its one column, which the engine does by its dictionaries. */
function countedSql({ sql, columns: by }: Part): string {
  return `SELECT CASE ${by.map((column) => `WHEN grouping(${column}) = 0 THEN '${column}'`).join(' ')} END AS facet,
    coalesce(${by.join(', ')}) AS value, sum(events)::BIGINT AS events, max(newest) AS newest
    FROM (${sql}) GROUP BY GROUPING SETS (${by.map((column) => `(${column})`).join(', ')})`;
}

function valuesOf(name: FacetName, rows: readonly Row[]): readonly CountedValue[] {
  return rows
    .filter(([facet]) => facet === facetColumns[name].column)
    .map((row) => ({ value: textOf(row[1]) ?? '', count: numberOf(row[2]), newestMs: numberOf(row[3]) }));
}

/**
 * A label is the newest that there is. The rows since the newest of each value nearly always have it; all others are looked
 * at only for values without one there.
 */
async function labelValues(
  run: Run,
  parts: readonly Part[],
  { column, label }: FacetColumn,
  values: readonly CountedValue[],
): Promise<readonly FacetValue[]> {
  const labels = new Map<string, string>();
  if (label !== null) {
    const own = parts.filter((part) => part.columns.includes(column));
    const bound = own.flatMap(({ parameters }) => parameters);
    const rows = own.map(({ sql }) => `SELECT ${column} AS value, ${label} AS label, newest FROM (${sql})`);
    for (const sinceMs of [Math.min(...values.map(({ newestMs }) => newestMs)), earliestMs]) {
      const unnamed = values.filter(({ value }) => !labels.has(value)).map(({ value }) => value);
      if (unnamed.length === 0) break;
      const named = await run(
        `SELECT ${textSql('value')}, ${textSql('label')} FROM (
          SELECT value, arg_max(label, newest) AS label FROM (${rows.join(' UNION ALL ')})
          WHERE value IN (${unnamed.map(() => '?').join(', ')}) AND newest >= ${momentLiteral(sinceMs)}
          GROUP BY value) WHERE label IS NOT NULL`,
        [...bound, ...unnamed],
      );
      for (const row of named) labels.set(textOf(row[0]) ?? '', textOf(row[1]) ?? '');
    }
  }
  return values.map(({ value, count }) => ({ value, label: labels.get(value) ?? value, count }));
}
