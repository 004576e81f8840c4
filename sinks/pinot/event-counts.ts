import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, EventStats, EventStatsRequest, FacetName, FacetValue } from '../analytics.ts';
import { bucketLimit, bucketSql, checkBucket, tooManyBuckets } from './buckets.ts';
import { complete, type DeviceName, readDeviceNames } from './device-names.ts';
import { eventConditions, isIn, isKnown, isNull } from './event-filter.ts';
import { fromStoredText } from './stored-text.ts';
import { columnOf } from './tables.ts';
import type { TenantRows } from './tenant-rows.ts';

/** Where a facet's values get their names from; the others are named by themselves. */
const labelColumns: Readonly<Partial<Record<FacetName, string>>> = {
  organizationId: 'organization_name',
  deviceId: 'hostname_text',
};
const groupLimit = 100_000;

/** The events that are counted: of one tenant, by one filter. */
interface Counted {
  readonly rows: TenantRows;
  readonly scope: TenantScope;
  readonly where: readonly string[];
  readonly names: readonly DeviceName[];
}

interface Group {
  readonly startMs: number;
  readonly key: string;
  readonly count: number;
}

async function open(rows: TenantRows, scope: TenantScope, filter: EventFilter): Promise<Counted> {
  const names = await readDeviceNames(rows, scope);
  return { rows, scope, where: eventConditions(filter, names), names };
}

/** Counts by value of each facet: see `Analytics.facets`. */
export async function facetCounts(
  rows: TenantRows,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  const counted = await open(rows, scope, filter);
  const of = (name: FacetName): Promise<readonly FacetValue[]> => facetOf(counted, name, limit);
  const [eventType, toolType, severity, organizationId, deviceId] = await Promise.all([
    of('eventType'),
    of('toolType'),
    of('severity'),
    of('organizationId'),
    of('deviceId'),
  ]);
  return { eventType, toolType, severity, organizationId, deviceId };
}

async function facetOf(counted: Counted, name: FacetName, limit: number): Promise<readonly FacetValue[]> {
  const largest = await largestGroups(counted, name, limit);
  const labels = await labelsOf(
    counted,
    name,
    largest.map((group) => group.key),
  );
  return largest.map(({ key, count }) => ({ value: key, label: labels.get(key) ?? key, count }));
}

/** The groups with most events, then by key. */
async function largestGroups(counted: Counted, name: FacetName, limit: number): Promise<readonly Group[]> {
  const column = columnOf(name);
  const most = Math.max(0, Math.floor(limit));
  if (most === 0) return [];
  // Events that are counted to an organization late may make any group the largest.
  const isWhole = name !== 'organizationId' || lateOrganizations(counted.names).size === 0;
  const groups = await groupsOf(counted, name, {
    bucket: '0',
    rest: `GROUP BY ${column} ORDER BY COUNT(*) DESC, ${column} LIMIT ${isWhole ? most : groupLimit}`,
  });
  return [...groups].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)).slice(0, most);
}

/** Counts by bucket of time and group: see `Analytics.stats`. Throws `QUERY_INVALID` above `bucketLimit`. */
export async function eventStats(
  rows: TenantRows,
  scope: TenantScope,
  { filter, bucketMs, groupBy, top }: EventStatsRequest,
): Promise<EventStats> {
  checkBucket(bucketMs);
  const counted = await open(rows, scope, filter);
  const bucket = bucketSql(bucketMs);
  const [buckets, groups] = await Promise.all([
    counted.rows.of(scope, 'events', {
      select: `${bucket}, COUNT(*)`,
      where: counted.where,
      rest: `GROUP BY ${bucket} ORDER BY ${bucket} LIMIT ${bucketLimit + 1}`,
    }),
    groupBy === undefined ? [] : bucketGroups(counted, groupBy, bucket, top),
  ]);
  if (buckets.length > bucketLimit) throw tooManyBuckets();
  const byBucket = Map.groupBy(groups, (group) => group.startMs);
  return {
    total: buckets.reduce((total, [, count]) => total + Number(count), 0),
    buckets: buckets.map(([start, count]) => ({
      startMs: Number(start),
      count: Number(count),
      groups: (byBucket.get(Number(start)) ?? [])
        .map((group) => ({ key: group.key, count: group.count }))
        .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)),
    })),
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

/** Counts by group, with the events that came before their device's organization was known. */
async function groupsOf(
  counted: Counted,
  name: FacetName,
  { bucket, rest, only }: { bucket: string; rest: string; only?: readonly string[] },
): Promise<readonly Group[]> {
  const { rows, scope, where, names } = counted;
  const column = columnOf(name);
  const own = await rows.of(scope, 'events', {
    select: `${bucket}, ${column}, COUNT(*)`,
    where: [...where, only === undefined ? isKnown(column) : isIn(column, only)],
    rest,
  });
  const late = name === 'organizationId' ? lateOrganizations(names) : new Map<string, string>();
  const groups = new Map<string, Group>();
  const add = (start: unknown, key: string, count: unknown): void => {
    if (only !== undefined && !only.includes(key)) return;
    const identity = JSON.stringify([Number(start), key]);
    const before = groups.get(identity)?.count ?? 0;
    groups.set(identity, { startMs: Number(start), key, count: before + Number(count) });
  };
  for (const [start, key, count] of own) add(start, fromStoredText(key) ?? '', count);
  if (late.size > 0) {
    const of = await rows.of(scope, 'events', {
      select: `${bucket}, device_id, COUNT(*)`,
      where: [...where, isNull(column), isIn('device_id', [...late.keys()])],
      rest: `GROUP BY ${bucket === '0' ? '' : `${bucket}, `}device_id LIMIT ${groupLimit}`,
    });
    for (const [start, deviceId, count] of of) {
      add(start, late.get(fromStoredText(deviceId) ?? '') ?? '', count);
    }
  }
  return [...groups.values()];
}

/** By device: the organization of those that became known late. */
function lateOrganizations(names: readonly DeviceName[]): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((one): [string, string][] =>
      one.organizationId === null ? [] : [[one.deviceId, one.organizationId]],
    ),
  );
}

/** What a value was called by the newest of the events that call it so. */
type Label = readonly [value: string | null, text: string | null, newestMs: number];

/** The newest name of each value among the counted events, which a device that became known late may have given. */
async function labelsOf(
  counted: Counted,
  name: FacetName,
  values: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const label = labelColumns[name];
  if (label === undefined || values.length === 0) return new Map();
  const column = columnOf(name);
  const { rows, scope, where } = counted;
  const [own, late] = await Promise.all([
    rows.of(scope, 'events', {
      select: `${column}, ${label}, MAX(event_time)`,
      where: [...where, isIn(column, values), isKnown(label)],
      rest: `GROUP BY ${column}, ${label} LIMIT ${groupLimit}`,
    }),
    lateLabels(counted, column, label),
  ]);
  const said = own.map(([value, text, ms]): Label => [
    fromStoredText(value),
    fromStoredText(text),
    Number(ms),
  ]);
  const labels = new Map<string, string>();
  for (const [value, text] of [...late, ...said].sort(([, , a], [, , b]) => a - b)) {
    if (value !== null && text !== null) labels.set(value, text);
  }
  return labels;
}

/** The labels of events that lack theirs, or what is labelled, and get it from their device. */
async function lateLabels(
  { rows, scope, where, names }: Counted,
  column: string,
  label: string,
): Promise<readonly Label[]> {
  const byDevice = new Map(names.map((one) => [one.deviceId, one]));
  if (byDevice.size === 0) return [];
  const columns = 'device_id, hostname_text, organization_id, organization_name';
  const found = await rows.of(scope, 'events', {
    select: `${columns}, MAX(event_time)`,
    where: [...where, isIn('device_id', [...byDevice.keys()]), `${isNull(label)} OR ${isNull(column)}`],
    rest: `GROUP BY ${columns} LIMIT ${groupLimit}`,
  });
  return found.map(([device, hostname, organizationId, organizationName, newestMs]): Label => {
    const deviceId = fromStoredText(device) ?? '';
    const stored = {
      deviceId,
      hostname: fromStoredText(hostname),
      organizationId: fromStoredText(organizationId),
      organizationName: fromStoredText(organizationName),
    };
    const named = complete(stored, byDevice.get(deviceId));
    return column === 'device_id'
      ? [deviceId, named.hostname, Number(newestMs)]
      : [named.organizationId, named.organizationName, Number(newestMs)];
  });
}
