import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventStats, EventStatsRequest } from '../analytics.ts';
import type { DuckDbReader } from './duckdb-file.ts';
import { textSql } from './event-columns.ts';
import { facetColumns } from './event-facets.ts';
import { eventsOf } from './event-filter.ts';

/** An answer with more buckets than this serves nobody. */
export const bucketLimit = 10_000;

/** Counts by bucket of time and group: see `Analytics.stats`. Throws `QUERY_INVALID` above `bucketLimit`. */
export async function eventStats(
  file: DuckDbReader,
  scope: TenantScope,
  { filter, bucketMs, groupBy, top }: EventStatsRequest,
): Promise<EventStats> {
  checkBucket(bucketMs);
  const from = eventsOf(scope, filter);
  const group = groupBy === undefined ? 'NULL::VARCHAR' : facetColumns[groupBy].column;
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
