import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, FacetName, FacetValue } from '../analytics.ts';
import { isKnown, isNull } from './event-columns.ts';
import { isIn, needsLateFacts } from './event-filter.ts';
import {
  type Counted,
  fixedFacets,
  fixedGroups,
  groupLimit,
  largestGroups,
  largestOf,
  lateFacets,
  openCounted,
} from './event-groups.ts';
import { type DeviceName, withNames } from './late-facts.ts';
import { fromStoredText } from './stored-text.ts';
import { columnOf } from './tables.ts';
import type { TenantRows } from './tenant-rows.ts';

/** Where a facet's values get their names from; the others are named by themselves. */
const labelColumns: Readonly<Partial<Record<FacetName, string>>> = {
  organizationId: 'organization_name',
  deviceId: 'hostname_text',
};

/** Counts by value of each facet: see `Analytics.facets`. */
export async function facetCounts(
  rows: TenantRows,
  scope: TenantScope,
  filter: EventFilter,
  limit: number,
): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>> {
  const late = openCounted(rows, scope, filter, lateFacets);
  // Where the filter needs late facts, they are read once for all.
  const known = needsLateFacts(filter) ? late : openCounted(rows, scope, filter, []);
  const of = async (counted: Promise<Counted>, name: FacetName): Promise<readonly FacetValue[]> =>
    facetOf(await counted, name, limit);
  const [fixed, eventType, organizationId, deviceId] = await Promise.all([
    known.then((counted) => fixedGroups(counted, '0', fixedFacets)),
    of(known, 'eventType'),
    of(late, 'organizationId'),
    of(late, 'deviceId'),
  ]);
  const valuesOf = (name: FacetName): readonly FacetValue[] =>
    largestOf(fixed.get(name) ?? [], limit).map(({ key, count }) => ({ value: key, label: key, count }));
  return {
    eventType,
    toolType: valuesOf('toolType'),
    severity: valuesOf('severity'),
    organizationId,
    deviceId,
  };
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
