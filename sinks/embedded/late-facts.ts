import { isEventId } from './event-columns.ts';

/*
 * What is learnt of rows after they were stored: the device of an event, and the names of a device. A row takes what
 * it lacks and keeps what it has.
 */

/** Completes rows of devices that became known. Its one parameter is the JSON of an array of `Backfill`. */
export const backfillSql = `
UPDATE events AS e SET
  hostname = coalesce(e.hostname, b.hostname),
  organization_name = CASE WHEN coalesce(e.organization_id, b.organization_id) = b.organization_id
    THEN coalesce(e.organization_name, b.organization_name) ELSE e.organization_name END,
  organization_id = coalesce(e.organization_id, b.organization_id)
FROM (SELECT unnest(from_json(?, '[{"tenant_id": "VARCHAR", "device_id": "VARCHAR", "hostname": "VARCHAR",
  "organization_id": "VARCHAR", "organization_name": "VARCHAR"}]'), recursive := true)) AS b
WHERE e.tenant_id = b.tenant_id AND e.device_id = b.device_id AND (
  (e.hostname IS NULL AND b.hostname IS NOT NULL)
  OR (e.organization_id IS NULL AND b.organization_id IS NOT NULL)
  OR (e.organization_name IS NULL AND e.organization_id = b.organization_id AND b.organization_name IS NOT NULL))`;

/** What a device event says of its device, for the rows that came before it was known. */
export interface Backfill {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly hostname: string | null;
  readonly organization_id: string | null;
  readonly organization_name: string | null;
}

/**
 * Completes rows of events that came again with their device, and gives the rows' event times in milliseconds. Its one
 * parameter is the JSON of an array of `Completion`.
 */
export const completionSql = `
UPDATE events AS e SET
  device_id = coalesce(e.device_id, c.device_id),
  hostname = coalesce(e.hostname, c.hostname),
  organization_name = CASE WHEN coalesce(e.organization_id, c.organization_id) = c.organization_id
    THEN coalesce(e.organization_name, c.organization_name) ELSE e.organization_name END,
  organization_id = coalesce(e.organization_id, c.organization_id),
  data = coalesce(c.data, e.data)
FROM (SELECT unnest(from_json(?, '[{"tenant_id": "VARCHAR", "event_id": "UUID", "device_id": "VARCHAR",
  "hostname": "VARCHAR", "organization_id": "VARCHAR", "organization_name": "VARCHAR", "data": "VARCHAR"}]'),
  recursive := true)) AS c
WHERE e.tenant_id = c.tenant_id AND e.event_id = c.event_id AND (e.device_id IS NULL OR e.device_id = c.device_id)
RETURNING epoch_ms(event_time)`;

/** An event that came again with its device. */
export interface Completion extends Omit<Backfill, 'device_id'> {
  readonly event_id: string;
  /** Null where the tool's id of the device is known now, and no device of ours is linked to it yet. */
  readonly device_id: string | null;
  readonly data: string | null;
}

/** The backfill of a device event's value; undefined where it names no device or is no JSON. */
export function backfillOf(value: Buffer): Backfill | undefined {
  const facts = factsOf(value);
  return facts === undefined || facts.device_id === null
    ? undefined
    : { ...facts.names, device_id: facts.device_id };
}

/** The completion that an event's value is; undefined where it is no event. */
export function completionOf(value: Buffer): Completion | undefined {
  const facts = factsOf(value);
  if (facts === undefined || !isEventId(facts.event_id ?? '')) return undefined;
  const { names, event_id, device_id, data } = facts;
  return {
    ...names,
    event_id: event_id ?? '',
    device_id,
    data: data === undefined ? null : JSON.stringify(data),
  };
}

function factsOf(value: Buffer) {
  try {
    const event: unknown = JSON.parse(value.toString('utf8'));
    if (typeof event !== 'object' || event === null) return undefined;
    const members = new Map<string, unknown>(Object.entries(event));
    const text = (member: string): string | null => {
      const found = members.get(member);
      return typeof found === 'string' ? found.toWellFormed() : null;
    };
    const tenantId = text('tenantId');
    if (tenantId === null) return undefined;
    const names = {
      tenant_id: tenantId,
      hostname: text('hostname'),
      organization_id: text('organizationId'),
      organization_name: text('organizationName'),
    };
    return { names, event_id: text('eventId'), device_id: text('deviceId'), data: members.get('data') };
  } catch {
    return undefined;
  }
}
