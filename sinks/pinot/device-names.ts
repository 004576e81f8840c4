import type { TenantScope } from '../../contracts/tenant.ts';
import { fromStoredText } from './stored-text.ts';
import type { TenantRows } from './tenant-rows.ts';

/** What a device that became known late gives to its events that lack it. */
export interface DeviceName {
  readonly deviceId: string;
  readonly hostname: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
}

const namesLimit = 100_000;

/**
 * The devices of a tenant that became known after events of them were stored: few, since an agent introduces
 * itself first. Pinot's rows do not change, so readers complete what they read with these.
 */
export async function readDeviceNames(rows: TenantRows, scope: TenantScope): Promise<readonly DeviceName[]> {
  const found = await rows.of(scope, 'deviceNames', {
    select: 'device_id, hostname_text, organization_id, organization_name',
    where: [],
    // The same device may have told it over several partitions: the newest comes last.
    rest: `ORDER BY event_time LIMIT ${namesLimit}`,
  });
  const names = found.map(([deviceId, hostname, organizationId, organizationName]) => ({
    deviceId: fromStoredText(deviceId) ?? '',
    hostname: fromStoredText(hostname),
    organizationId: fromStoredText(organizationId),
    organizationName: fromStoredText(organizationName),
  }));
  return [...new Map(names.map((name) => [name.deviceId, name])).values()];
}

/** The event with what it lacks. An organization's name goes with its id only. */
export function complete<Event extends Omit<DeviceName, 'deviceId'>>(
  event: Event,
  name: DeviceName | undefined,
): Event {
  if (name === undefined) return event;
  const organizationId = event.organizationId ?? name.organizationId;
  const isOfName = organizationId === name.organizationId;
  return {
    ...event,
    hostname: event.hostname ?? name.hostname,
    organizationId,
    organizationName: event.organizationName ?? (isOfName ? name.organizationName : null),
  };
}
