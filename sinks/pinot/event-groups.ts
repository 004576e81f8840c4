import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, FacetName } from '../analytics.ts';
import { isKnown, isNull } from './event-columns.ts';
import { eventConditions, isIn, needsLateFacts } from './event-filter.ts';
import { type DeviceName, type LateFacts, noLateFacts, readLateFacts } from './late-facts.ts';
import { fromStoredText } from './stored-text.ts';
import { columnOf } from './tables.ts';
import type { TenantRows } from './tenant-rows.ts';

/** The most groups of a statement. */
export const groupLimit = 100_000;
/** Facets that every event has from its first moment on, of a fixed list of values: counted together, in one statement. */
export const fixedFacets: readonly FacetName[] = ['toolType', 'severity'];
/** Facets of which an event may learn after it was stored. */
export const lateFacets: readonly FacetName[] = ['organizationId', 'deviceId'];

/** The events that are counted: of one tenant, by one filter. */
export interface Counted {
  readonly rows: TenantRows;
  readonly scope: TenantScope;
  readonly where: readonly string[];
  readonly facts: LateFacts;
}

export interface Group {
  readonly startMs: number;
  readonly key: string;
  readonly count: number;
}

/** Late facts are waited for where the filter or one of the facets looks at them. */
export async function openCounted(
  rows: TenantRows,
  scope: TenantScope,
  filter: EventFilter,
  facets: readonly FacetName[],
): Promise<Counted> {
  const needed = needsLateFacts(filter) || facets.some((name) => lateFacets.includes(name));
  const facts = needed ? await readLateFacts(rows, scope, filter) : noLateFacts;
  return { rows, scope, where: eventConditions(filter, facts), facts };
}

/** The groups with most events, then by key. */
export async function largestGroups(
  counted: Counted,
  name: FacetName,
  limit: number,
): Promise<readonly Group[]> {
  const column = columnOf(name);
  const most = Math.max(0, Math.floor(limit));
  if (most === 0) return [];
  // Events that are counted to a group late may make any group the largest.
  const isWhole = lateGroups(name, counted.facts).length === 0;
  const groups = await groupsOf(counted, name, {
    bucket: '0',
    rest: `GROUP BY ${column} ORDER BY COUNT(*) DESC, ${column} LIMIT ${isWhole ? most : groupLimit}`,
  });
  return largestOf(groups, most);
}

/** The same of groups that are at hand. */
export function largestOf(groups: readonly Group[], limit: number): readonly Group[] {
  const most = Math.max(0, Math.floor(limit));
  return groups.toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)).slice(0, most);
}

/** Counts by group, with the events that came before their device or its organization was known. */
export async function groupsOf(
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
  const groups: Group[] = [];
  const add = (start: unknown, key: string, count: unknown): void => {
    if (only !== undefined && !only.includes(key)) return;
    groups.push({ startMs: Number(start), key, count: Number(count) });
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
  return summed(groups);
}

/** Of facets with fixed values the counts by bucket and value. */
export async function fixedGroups(
  { rows, scope, where }: Counted,
  bucket: string,
  names: readonly FacetName[],
): Promise<ReadonlyMap<FacetName, readonly Group[]>> {
  const columns = names.map(columnOf).join(', ');
  const found = await rows.of(scope, 'events', {
    select: `${bucket}, ${columns}, COUNT(*)`,
    where,
    rest: `GROUP BY ${bucket === '0' ? '' : `${bucket}, `}${columns} LIMIT ${groupLimit}`,
  });
  const groupOf = (row: readonly unknown[], at: number): Group => ({
    startMs: Number(row[0]),
    key: fromStoredText(row[1 + at]) ?? '',
    count: Number(row.at(-1)),
  });
  return new Map(names.map((name, at) => [name, summed(found.map((row) => groupOf(row, at)))]));
}

/** One group for those of the same bucket and key. */
export function summed(groups: readonly Group[]): readonly Group[] {
  const sums = new Map<string, Group>();
  for (const { startMs, key, count } of groups) {
    const identity = JSON.stringify([startMs, key]);
    sums.set(identity, { startMs, key, count: count + (sums.get(identity)?.count ?? 0) });
  }
  return [...sums.values()];
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
