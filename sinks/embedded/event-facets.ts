import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, FacetName, FacetValue } from '../analytics.ts';
import type { DuckDbReader, Run } from './duckdb-file.ts';
import { earliestMs, numberOf, textOf, textSql } from './event-columns.ts';
import { type BoundSql, eventsOf, stretchCountsOf } from './event-filter.ts';
import type { Row } from './rows-of.ts';
import { numberedSql, readStretches, stretchesWithin, uncountedSql } from './stretch-cover.ts';
import { countColumnsSql, countedBySql, momentLiteral } from './stretch-tables.ts';

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

/** Counts by value of each facet, all as of one moment: see `Analytics.facets`. */
export function facetCounts(
  file: DuckDbReader,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  return file.read(async (run) => {
    const counted = await countedOf(run, scope, filter);
    const rows = await run(`${counted.sql} ${largestSql}`, [...counted.parameters, BigInt(limit)]);
    const labelled = (name: FacetName): Promise<readonly FacetValue[]> =>
      labelValues(run, counted, facetColumns[name], valuesOf(name, rows));
    return {
      eventType: await labelled('eventType'),
      toolType: await labelled('toolType'),
      severity: await labelled('severity'),
      organizationId: await labelled('organizationId'),
      deviceId: await labelled('deviceId'),
    };
  });
}

const columns = Object.values(facetColumns).map(({ column }) => column);

/**
 * The largest values of each facet, whose number is bound. One pass counts all facets, each by its one column, which the
 * engine does by its dictionaries.
 */
const largestSql = `, summed AS (
    SELECT CASE ${columns.map((column) => `WHEN grouping(${column}) = 0 THEN '${column}'`).join(' ')} END AS facet,
      coalesce(${columns.join(', ')}) AS value, sum(events)::BIGINT AS events, max(newest) AS newest
    FROM counted GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(', ')})
  )
  SELECT facet, ${textSql('value')}, events, epoch_ms(newest) FROM summed WHERE value IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY facet ORDER BY events DESC, value) <= ? ORDER BY events DESC, value`;

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
  counted: BoundSql,
  { column, label }: FacetColumn,
  values: readonly CountedValue[],
): Promise<readonly FacetValue[]> {
  const labels = new Map<string, string>();
  if (label !== null) {
    for (const sinceMs of [Math.min(...values.map(({ newestMs }) => newestMs)), earliestMs]) {
      const unnamed = values.filter(({ value }) => !labels.has(value)).map(({ value }) => value);
      if (unnamed.length === 0) break;
      const rows = await run(
        `${counted.sql} SELECT ${textSql('value')}, ${textSql('label')} FROM (
          SELECT ${column} AS value, arg_max(${label}, newest) AS label FROM counted
          WHERE ${column} IN (${unnamed.map(() => '?').join(', ')}) AND newest >= ${momentLiteral(sinceMs)}
          GROUP BY value) WHERE label IS NOT NULL`,
        [...counted.parameters, ...unnamed],
      );
      for (const row of rows) labels.set(textOf(row[0]) ?? '', textOf(row[1]) ?? '');
    }
  }
  return values.map(({ value, count }) => ({ value, label: labels.get(value) ?? value, count }));
}

/**
 * `WITH counted AS (…)`: what a filter takes, with all that has a facet. Of stretches that it takes whole their counts;
 * all other rows one by one.
 */
async function countedOf(run: Run, scope: TenantScope, filter: EventFilter): Promise<BoundSql> {
  const stretches = await readStretches(run);
  const within = stretchesWithin(stretches, filter);
  const events = eventsOf(scope, filter);
  const rows = uncountedSql(within).map(
    (where) => `SELECT ${countedBySql}, event_time AS newest, 1::BIGINT AS events ${events.sql} AND ${where}`,
  );
  const parameters = rows.flatMap(() => events.parameters);
  const before = stretchCountsOf(scope, filter);
  if (within.length > 0) {
    const which = within.length === stretches.length ? '' : ` AND ${numberedSql(within)}`;
    rows.push(`SELECT ${countColumnsSql} ${before.sql}${which}`);
    parameters.push(...before.parameters);
  }
  return { sql: `WITH counted AS NOT MATERIALIZED (${rows.join(' UNION ALL ')})`, parameters };
}
