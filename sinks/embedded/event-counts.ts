import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, EventStats, EventStatsRequest, FacetName, FacetValue } from '../analytics.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { numberOf, textOf, textSql } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';

/** The column of each facet and the one that its values are shown by. */
const facets: readonly { readonly name: FacetName; readonly column: string; readonly label: string }[] = [
  { name: 'eventType', column: 'event_type', label: 'NULL' },
  { name: 'toolType', column: 'tool_type', label: 'NULL' },
  { name: 'severity', column: 'severity', label: 'NULL' },
  { name: 'organizationId', column: 'organization_id', label: 'arg_max(organization_name, event_time)' },
  { name: 'deviceId', column: 'device_id', label: 'arg_max(hostname, event_time)' },
];

/** An answer with more buckets than this serves nobody. */
export const bucketLimit = 10_000;

/** Counts by value of each facet, in one pass over the events: see `Analytics.facets`. */
export async function facetCounts(
  file: DuckDbFile,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  const from = eventsOf(scope, filter);
  const columns = facets.map((f) => f.column);
  const labels = facets.map((f, index) => `WHEN ${index} THEN ${f.label}`).join(' ');
  const which = facets.map((f, index) => `WHEN grouping(${f.column}) = 0 THEN ${index}`).join(' ');
  const sql = `
    SELECT facet, ${textSql('value')}, ${textSql('label')}, events FROM (
      SELECT CASE ${which} END AS facet, coalesce(${columns.join(', ')}) AS value,
        CASE facet ${labels} END AS label, count(*) AS events
      ${from.sql} GROUP BY GROUPING SETS (${columns.map((c) => `(${c})`).join(', ')})
    ) WHERE value IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY facet ORDER BY events DESC, value) <= ?
    ORDER BY facet, events DESC, value`;
  const rows = await file.query(sql, [...from.parameters, BigInt(limit)]);
  const found: Record<FacetName, FacetValue[]> = {
    eventType: [],
    toolType: [],
    severity: [],
    organizationId: [],
    deviceId: [],
  };
  for (const row of rows) {
    const facet = facets[numberOf(row[0])];
    const value = textOf(row[1]) ?? '';
    if (facet !== undefined) {
      found[facet.name].push({ value, label: textOf(row[2]) ?? value, count: numberOf(row[3]) });
    }
  }
  return found;
}

/** Counts by bucket of time and group: see `Analytics.stats`. Throws `QUERY_INVALID` above `bucketLimit`. */
export async function eventStats(
  file: DuckDbFile,
  scope: TenantScope,
  { filter, bucketMs, groupBy, top }: EventStatsRequest,
): Promise<EventStats> {
  checkBucket(bucketMs);
  const from = eventsOf(scope, filter);
  const group = facets.find((f) => f.name === groupBy)?.column ?? 'NULL::VARCHAR';
  const sql = `
    WITH counted AS (
      SELECT ${bucketSql} AS bucket, ${group} AS key, count(*) AS events ${from.sql} GROUP BY ALL
    ), named AS (
      SELECT key FROM counted WHERE key IS NOT NULL GROUP BY key ORDER BY sum(events) DESC, key LIMIT ?
    )
    SELECT bucket, CASE WHEN key IN (SELECT key FROM named) THEN ${textSql('key')} END AS name, sum(events)::BIGINT AS events
    FROM counted GROUP BY ALL ORDER BY bucket, events DESC, name LIMIT ?`;
  const width = BigInt(Math.round(bucketMs));
  const named = groupBy === undefined ? 0 : Math.max(0, Math.floor(top));
  const rowLimit = bucketLimit * (named + 1) + 1;
  const parameters = [width, width, ...from.parameters, BigInt(named), BigInt(rowLimit)];
  return toStats(await file.query(sql, parameters));
}

/** The start of an event's bucket; its two parameters are the bucket's width in milliseconds. */
export const bucketSql = 'floor(epoch_ms(event_time) / ?::BIGINT)::BIGINT * ?::BIGINT';

export function checkBucket(bucketMs: number): void {
  if (bucketMs >= 1 && Number.isSafeInteger(bucketMs)) return;
  throw new OpenFrameError(
    'QUERY_INVALID',
    'The bucket is not a whole number of milliseconds above 0: choose one.',
    {
      details: { field: 'bucket' },
    },
  );
}

export function tooManyBuckets(): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `The answer has more than ${bucketLimit} buckets: choose a wider bucket or a shorter range.`,
    { details: { field: 'bucket', limit: bucketLimit } },
  );
}

function toStats(rows: readonly (readonly unknown[])[]): EventStats {
  const buckets: { startMs: number; count: number; groups: { key: string; count: number }[] }[] = [];
  let total = 0;
  for (const row of rows) {
    const startMs = Number(row[0]);
    const count = Number(row[2]);
    let bucket = buckets.at(-1);
    if (bucket?.startMs !== startMs) {
      bucket = { startMs, count: 0, groups: [] };
      buckets.push(bucket);
    }
    bucket.count += count;
    total += count;
    if (typeof row[1] === 'string') bucket.groups.push({ key: row[1], count });
  }
  if (buckets.length > bucketLimit) throw tooManyBuckets();
  return { total, buckets };
}
