import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, FacetName, FacetValue } from '../analytics.ts';
import type { DuckDbReader, Run } from './duckdb-file.ts';
import { numberOf, textOf, textSql } from './event-columns.ts';
import { type BoundSql, eventsOf, stretchCountsOf } from './event-filter.ts';
import { isSearched, numberedSql, readStretches, stretchesWithin, uncountedSql } from './stretch-cover.ts';
import { countColumnsSql, countedBySql, countedSql } from './stretch-tables.ts';

/** The column of each facet and the one that its values are shown by. */
export const facetColumns: Readonly<
  Record<FacetName, { readonly column: string; readonly label: string | null }>
> = {
  eventType: { column: 'event_type', label: null },
  toolType: { column: 'tool_type', label: null },
  severity: { column: 'severity', label: null },
  organizationId: { column: 'organization_id', label: 'organization_name' },
  deviceId: { column: 'device_id', label: 'hostname' },
};

/** Counts by value of each facet, all as of one moment: see `Analytics.facets`. */
export function facetCounts(
  file: DuckDbReader,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  return file.read(async (run) => {
    const counted = await countedOf(run, scope, filter);
    const rows = await run(facetSql(counted.sql), [...counted.parameters, ...names.map(() => BigInt(limit))]);
    const found: Record<FacetName, FacetValue[]> = {
      eventType: [],
      toolType: [],
      severity: [],
      organizationId: [],
      deviceId: [],
    };
    for (const row of rows) {
      const name = names[numberOf(row[0])];
      const value = textOf(row[1]) ?? '';
      if (name !== undefined) {
        found[name].push({ value, label: textOf(row[2]) ?? value, count: numberOf(row[3]) });
      }
    }
    return found;
  });
}

const names = [
  'eventType',
  'toolType',
  'severity',
  'organizationId',
  'deviceId',
] as const satisfies FacetName[];

/**
 * `WITH … counted AS …`: what a filter takes, counted by everything that has a facet. Of stretches that it takes whole
 * their counts; all other rows are counted now.
 */
async function countedOf(run: Run, scope: TenantScope, filter: EventFilter): Promise<BoundSql> {
  const stretches = await readStretches(run);
  const within = stretchesWithin(stretches, filter);
  const events = eventsOf(scope, filter);
  const rows = uncountedSql(within).map((where) => `${events.sql} AND ${where}`);
  const parameters = rows.flatMap(() => events.parameters);
  const now = isSearched(filter) ? searchedRows(rows) : plainRows(rows);
  if (within.length === 0) return { sql: `${now})`, parameters };
  const before = stretchCountsOf(scope, filter);
  const which = within.length === stretches.length ? '' : ` AND ${numberedSql(within)}`;
  return {
    sql: `${now} UNION ALL SELECT ${countColumnsSql} ${before.sql}${which})`,
    parameters: [...parameters, ...before.parameters],
  };
}

/** Each column is counted by itself, which the engine does by its dictionaries: less than to group by all columns. */
function plainRows(rows: readonly string[]): string {
  const each = rows.map(
    (from) => `SELECT ${countedBySql}, event_time AS newest, 1::BIGINT AS events ${from}`,
  );
  return `WITH counted AS NOT MATERIALIZED (${each.join(' UNION ALL ')}`;
}

/** Words are looked for once, not once for each facet. */
function searchedRows(rows: readonly string[]): string {
  const each = rows.map((from) => `SELECT ${countedSql} ${from} GROUP BY ALL`);
  return `WITH found AS MATERIALIZED (${each.join(' UNION ALL ')}), counted AS NOT MATERIALIZED (FROM found`;
}

/** The largest values of each facet, whose number is bound for each facet; labels are looked up for these alone. */
function facetSql(counted: string): string {
  const facets = names.map((name, index) => {
    const { column, label } = facetColumns[name];
    const top = `SELECT ${column} AS value, sum(events)::BIGINT AS events FROM counted WHERE ${column} IS NOT NULL
      GROUP BY ALL ORDER BY events DESC, value LIMIT ?`;
    if (label === null) return `SELECT ${index} AS facet, value, NULL AS label, events FROM (${top})`;
    return `SELECT ${index} AS facet, value, arg_max(c.${label}, c.newest) AS label, any_value(top.events) AS events
      FROM (${top}) top JOIN counted c ON c.${column} = top.value GROUP BY value`;
  });
  return `${counted} SELECT facet, ${textSql('value')}, ${textSql('label')}, events
    FROM (${facets.join(' UNION ALL ')}) ORDER BY facet, events DESC, value`;
}
