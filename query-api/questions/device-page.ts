import { z } from 'zod';

import type { Device, deviceStatuses } from '../../contracts/device.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { DeviceRegistry } from '../../stores/device-registry.ts';
import { decodeCursor, encodeCursor, questionOf } from '../rest/cursor.ts';
import type { Page } from './event-page.ts';

/** What questions need of the registry. */
export type DeviceReader = Pick<DeviceRegistry, 'get' | 'list' | 'facets'>;

export interface DeviceFilter {
  readonly status?: (typeof deviceStatuses)[number] | undefined;
  readonly organizationId?: string | undefined;
  /** Part of the id, host name or organization, in any case. */
  readonly search?: string | undefined;
}

export const deviceIdLength = 512;
const positionSchema = z.strictObject({ deviceId: z.string().max(deviceIdLength) });

/** A page of the tenant's devices in ascending order of their ids. Throws `CURSOR_INVALID`. */
export async function devicePage(
  devices: DeviceReader,
  scope: TenantScope,
  filter: DeviceFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<Device>> {
  const question = questionOf(scope, 'devices', filter);
  const after = cursor === undefined ? undefined : decodeCursor(cursor, question, positionSchema);
  const found = await devices.list(scope, { ...filter, limit: limit + 1, afterId: after?.deviceId });
  return {
    items: found.slice(0, limit),
    more: found.length > limit,
    cursorOf: ({ deviceId }) => encodeCursor(question, { deviceId }),
  };
}
