import { agentEventTypes } from '../../contracts/event.ts';
import type { EnrichedMembers } from './enriched-record.ts';
import { toSeriesText } from './series.ts';
import { toStoredText } from './stored-text.ts';

/**
 * What Pinot cannot read from the enriched topic by itself, as records of topics beside it: the samples of a
 * metrics event, whose labels may be named anything, and the headers `backfill` and `completesevent`. Their members are the columns.
 */

/** A row of the table of samples: each series once, its value at the same place. */
export interface SamplesRow {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly device_id: string;
  readonly event_time: number;
  /** Of the rows of one event, from 0: a series that comes again in the event goes on in the next row. */
  readonly part: number;
  readonly names: string[];
  readonly series: string[];
  readonly vals: number[];
}

/** A row of the table of devices that became known late. */
export interface DeviceNameRow {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly hostname_text?: string;
  readonly organization_id?: string;
  readonly organization_name?: string;
  readonly event_time: number;
}

/** A row of the table of events that came again with their device. */
export interface CompletionRow extends DeviceNameRow {
  readonly event_id: string;
}

const rowSamples = 1_000;

/** The samples of a metrics event that names a device; what is no sample is left out, as the event's `data` is anything. */
export function samplesOf(event: EnrichedMembers): readonly SamplesRow[] {
  if (event.sourceType !== agentEventTypes.metrics || (event.deviceId ?? null) === null) return [];
  const samples = membersOf(event.data).get('samples');
  const rows: SamplesRow[] = [];
  const nextParts = new Map<string, number>();
  for (const sample of Array.isArray(samples) ? samples : []) {
    const members = membersOf(sample);
    const name = members.get('name');
    const value = members.get('value');
    if (typeof name !== 'string' || typeof value !== 'number' || !Number.isFinite(value)) continue;
    const series = toSeriesText({ name: name.toWellFormed(), labels: labelsOf(members.get('labels')) });
    let part = nextParts.get(series) ?? 0;
    while ((rows[part]?.vals.length ?? 0) >= rowSamples) part++;
    nextParts.set(series, part + 1);
    const row = (rows[part] ??= emptyRow(event, part));
    row.names.push(toStoredText(name));
    row.series.push(series);
    row.vals.push(value);
  }
  return rows;
}

/** What a device event with the header `backfill` says of its device; undefined where it names none. */
export function deviceNameOf(event: EnrichedMembers): DeviceNameRow | undefined {
  const { deviceId, hostname, organizationId, organizationName } = event;
  if (typeof deviceId !== 'string') return undefined;
  return {
    ...placeOf(event),
    ...(typeof hostname === 'string' ? { hostname_text: toStoredText(hostname) } : {}),
    ...(typeof organizationId === 'string' ? { organization_id: toStoredText(organizationId) } : {}),
    ...(typeof organizationName === 'string' ? { organization_name: toStoredText(organizationName) } : {}),
  };
}

/** The device that an event with the header `completesevent` came again with; undefined where it names none. */
export function completionOf(event: EnrichedMembers): CompletionRow | undefined {
  const name = deviceNameOf(event);
  return name && { ...name, event_id: String(event.eventId).toLowerCase() };
}

function emptyRow(event: EnrichedMembers, part: number): SamplesRow {
  const event_id = String(event.eventId).toLowerCase();
  return { event_id, ...placeOf(event), part, names: [], series: [], vals: [] };
}

function placeOf(event: EnrichedMembers) {
  return {
    tenant_id: toStoredText(String(event.tenantId)),
    device_id: toStoredText(String(event.deviceId)),
    event_time: Math.floor(Number(event.eventTime)),
  };
}

/** Label texts; what is no text as JSON. What is no set of labels has none. */
function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  if (Array.isArray(labels)) return {};
  const entries = [...membersOf(labels)].map(([name, value]): [string, string] => [
    name.toWellFormed(),
    typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries);
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
