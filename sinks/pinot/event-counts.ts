import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, EventStats, EventStatsRequest, FacetName, FacetValue } from '../analytics.ts';
import { bucketLimit, bucketSql, checkBucket, tooManyBuckets } from './buckets.ts';
import { isKnown, isNull } from './event-columns.ts';
import { eventConditions, isIn } from './event-filter.ts';
import { type DeviceName, type LateFacts, readLateFacts, withNames } from './late-facts.ts';
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
  readonly facts: LateFacts;
}

interface Group {
  readonly startMs: number;
  readonly key: string;
  readonly count: number;
}

async function open(rows: TenantRows, scope: TenantScope, filter: EventFilter): Promise<Counted> {
  const facts = await readLateFacts(rows, scope, filter);
  return { rows, scope, where: eventConditions(filter, facts), facts };
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
  // Events that are counted to a group late may make any group the largest.
  const isWhole = lateGroups(name, counted.facts).length === 0;
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

/** Counts by group, with the events that came before their device or its organization was known. */
async function groupsOf(
  counted: Counted,
  name: FacetName,
  { bucket, rest, only }: { bucket: string; rest: string; only?: readonly string[] },
): Promise<readonly Group[]> {
  const { rows, scope, where, facts } = counted;
  const column = columnOf(name);
  const own = await rows.of(scope, 'events', {
    select: `${bucket}, ${column}, COUNT(*)`,
    where: [...where, only === undefined ? isKnown(column) : isIn(column, only)],
    rest,
  });
  const groups = new Map<string, Group>();
  const add = (start: unknown, key: string, count: unknown): void => {
    if (only !== undefined && !only.includes(key)) return;
    const identity = JSON.stringify([Number(start), key]);
    const before = groups.get(identity)?.count ?? 0;
    groups.set(identity, { startMs: Number(start), key, count: before + Number(count) });
  };
  for (const [start, key, count] of own) add(start, fromStoredText(key) ?? '', count);
  for (const { by, groupOf } of lateGroups(name, facts)) {
    const of = await rows.of(scope, 'events', {
      select: `${bucket}, ${by}, COUNT(*)`,
      where: [...where, isNull(column), isIn(by, [...groupOf.keys()])],
      rest: `GROUP BY ${bucket === '0' ? '' : `${bucket}, `}${by} LIMIT ${groupLimit}`,
    });
    for (const [start, value, count] of of) add(start, groupOf.get(fromStoredText(value) ?? '') ?? '', count);
  }
  return [...groups.values()];
}

/** Which group events belong to that lack it, by the column that says which events they are. */
function lateGroups(
  name: FacetName,
  { names, completions }: LateFacts,
): readonly { readonly by: 'device_id' | 'event_id'; readonly groupOf: ReadonlyMap<string, string> }[] {
  if (name !== 'organizationId' && name !== 'deviceId') return [];
  const groups = <T extends DeviceName>(late: readonly T[], keyOf: (one: T) => string): Map<string, string> =>
    new Map(
      late.flatMap((one): [string, string][] => {
        const group = one[name];
        return group === null ? [] : [[keyOf(one), group]];
      }),
    );
  return [
    ...(name === 'deviceId'
      ? []
      : [{ by: 'device_id', groupOf: groups(names, (one) => one.deviceId) } as const]),
    { by: 'event_id', groupOf: groups(completions, (one) => one.eventId) } as const,
  ].filter(({ groupOf }) => groupOf.size > 0);
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

/** The labels of events that lack theirs, or what is labelled, and get it from what was learnt later. */
async function lateLabels(
  { rows, scope, where, facts }: Counted,
  column: string,
  label: string,
): Promise<readonly Label[]> {
  const ask = async (
    by: 'device_id' | 'event_id',
    late: ReadonlyMap<string, DeviceName>,
  ): Promise<Label[]> => {
    if (late.size === 0) return [];
    const columns = `${by}, hostname_text, organization_id, organization_name`;
    const found = await rows.of(scope, 'events', {
      select: `${columns}, MAX(event_time)`,
      where: [...where, isIn(by, [...late.keys()]), `${isNull(label)} OR ${isNull(column)}`],
      rest: `GROUP BY ${columns} LIMIT ${groupLimit}`,
    });
    return found.map(([key, hostname, organizationId, organizationName, newestMs]): Label => {
      const name = late.get(fromStoredText(key) ?? '');
      const stored = {
        hostname: fromStoredText(hostname),
        organizationId: fromStoredText(organizationId),
        organizationName: fromStoredText(organizationName),
      };
      const named = withNames(stored, name);
      return column === 'device_id'
        ? [name?.deviceId ?? null, named.hostname, Number(newestMs)]
        : [named.organizationId, named.organizationName, Number(newestMs)];
    });
  };
  const [byDevice, byEvent] = await Promise.all([
    ask('device_id', new Map(facts.names.map((one) => [one.deviceId, one]))),
    ask('event_id', new Map(facts.completions.map((one) => [one.eventId, one]))),
  ]);
  return [...byDevice, ...byEvent];
}
