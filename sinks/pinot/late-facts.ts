import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter } from '../analytics.ts';
import { momentLiteral } from './event-columns.ts';
import { fromStoredText } from './stored-text.ts';
import type { TenantRows } from './tenant-rows.ts';

/** What a device that became known late gives to its events that lack it. */
export interface DeviceName {
  readonly deviceId: string;
  readonly hostname: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
}

/** The device of an event that was stored without it, with the names of that device. */
export interface Completion extends DeviceName {
  readonly eventId: string;
}

/**
 * What was learnt of a tenant's events after they were stored: few, since an agent introduces itself first, and a
 * tool's agent is linked once. Pinot's rows do not change, so readers complete what they read with these.
 */
export interface LateFacts {
  readonly names: readonly DeviceName[];
  readonly completions: readonly Completion[];
}

export const noLateFacts: LateFacts = { names: [], completions: [] };

const factsLimit = 100_000;
const nameColumns = 'device_id, hostname_text, organization_id, organization_name';

/** The facts that the events of a time may lack. */
export async function readLateFacts(
  rows: TenantRows,
  scope: TenantScope,
  { fromMs, toMs }: Pick<EventFilter, 'fromMs' | 'toMs'>,
): Promise<LateFacts> {
  const within = [
    ...(fromMs === undefined ? [] : [`event_time >= ${momentLiteral(fromMs)}`]),
    ...(toMs === undefined ? [] : [`event_time < ${momentLiteral(toMs)}`]),
  ];
  // The same device may have told it over several partitions: the newest comes last.
  const rest = `ORDER BY event_time LIMIT ${factsLimit}`;
  const [named, completed] = await Promise.all([
    rows.of(scope, 'deviceNames', { select: nameColumns, where: [], rest }),
    rows.of(scope, 'completions', { select: `${nameColumns}, event_id`, where: within, rest }),
  ]);
  const names = new Map(named.map((row) => [fromStoredText(row[0]) ?? '', nameOf(row)]));
  const completions = completed.map((row) => {
    const own = nameOf(row);
    return { ...withNames(own, names.get(own.deviceId)), eventId: String(row[4]) };
  });
  return { names: [...names.values()], completions };
}

function nameOf([deviceId, hostname, organizationId, organizationName]: readonly unknown[]): DeviceName {
  return {
    deviceId: fromStoredText(deviceId) ?? '',
    hostname: fromStoredText(hostname),
    organizationId: fromStoredText(organizationId),
    organizationName: fromStoredText(organizationName),
  };
}

/** The events with what they lack. */
export function completeAll(events: readonly StoredEvent[], facts: LateFacts): readonly StoredEvent[] {
  if (facts.names.length === 0 && facts.completions.length === 0) return events;
  const byDevice = new Map(facts.names.map((name) => [name.deviceId, name]));
  const byEvent = new Map(facts.completions.map((completion) => [completion.eventId, completion]));
  return events.map((event) => {
    if (event.deviceId !== null) return withNames(event, byDevice.get(event.deviceId));
    const completion = byEvent.get(event.eventId);
    return completion === undefined
      ? event
      : { ...withNames(event, completion), deviceId: completion.deviceId };
  });
}

/** An organization's name goes with its id only. */
export function withNames<T extends Omit<DeviceName, 'deviceId'>>(
  lacking: T,
  name: DeviceName | undefined,
): T {
  if (name === undefined) return lacking;
  const organizationId = lacking.organizationId ?? name.organizationId;
  const isOfName = organizationId === name.organizationId;
  return {
    ...lacking,
    hostname: lacking.hostname ?? name.hostname,
    organizationId,
    organizationName: lacking.organizationName ?? (isOfName ? name.organizationName : null),
  };
}
