import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventStats, EventStatsRequest, FacetName } from '../analytics.ts';
import { bucketLimit, bucketSql, checkBucket, tooManyBuckets } from './buckets.ts';
import {
  type Counted,
  fixedFacets,
  fixedGroups,
  type Group,
  groupLimit,
  groupsOf,
  largestGroups,
  largestOf,
  openCounted,
  summed,
} from './event-groups.ts';
import { columnOf } from './tables.ts';
import type { TenantRows } from './tenant-rows.ts';

/** Counts by bucket of time and group: see `Analytics.stats`. Throws `QUERY_INVALID` above `bucketLimit`. */
export async function eventStats(
  rows: TenantRows,
  scope: TenantScope,
  { filter, bucketMs, groupBy, top }: EventStatsRequest,
): Promise<EventStats> {
  checkBucket(bucketMs);
  const counted = await openCounted(rows, scope, filter, groupBy === undefined ? [] : [groupBy]);
  const bucket = bucketSql(bucketMs);
  if (groupBy !== undefined && fixedFacets.includes(groupBy)) {
    const groups = (await fixedGroups(counted, bucket, [groupBy])).get(groupBy) ?? [];
    const named = largestOf(summed(groups.map((group) => ({ ...group, startMs: 0 }))), top);
    return statsOf(
      summed(groups.map((group) => ({ ...group, key: '' }))),
      groups.filter(({ key }) => named.some((one) => one.key === key)),
    );
  }
  const [buckets, groups] = await Promise.all([
    counted.rows.of(scope, 'events', {
      select: `${bucket}, COUNT(*)`,
      where: counted.where,
      rest: `GROUP BY ${bucket} ORDER BY ${bucket} LIMIT ${bucketLimit + 1}`,
    }),
    groupBy === undefined ? [] : bucketGroups(counted, groupBy, bucket, top),
  ]);
  return statsOf(
    buckets.map(([start, count]) => ({ startMs: Number(start), key: '', count: Number(count) })),
    groups,
  );
}

function statsOf(buckets: readonly Group[], groups: readonly Group[]): EventStats {
  if (buckets.length > bucketLimit) throw tooManyBuckets();
  const byBucket = Map.groupBy(groups, (group) => group.startMs);
  return {
    total: buckets.reduce((total, { count }) => total + count, 0),
    buckets: buckets
      .toSorted((a, b) => a.startMs - b.startMs)
      .map(({ startMs, count }) => {
        const own = byBucket.get(startMs) ?? [];
        return {
          startMs,
          count,
          groups: largestOf(own, own.length).map((group) => ({ key: group.key, count: group.count })),
        };
      }),
  };
}

async function bucketGroups(
  counted: Counted,
  name: FacetName,
  bucket: string,
  top: number,
): Promise<readonly Group[]> {
  const named = (await largestGroups(counted, name, top)).map((group) => group.key);
  if (named.length === 0) return [];
  const column = columnOf(name);
  return groupsOf(counted, name, {
    bucket,
    rest: `GROUP BY ${bucket}, ${column} LIMIT ${groupLimit}`,
    only: named,
  });
}
