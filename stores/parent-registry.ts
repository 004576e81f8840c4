import { type DeviceParent, type KeptParent, keptParentSchema } from '../contracts/device-parent.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';
import { createTenantSettings, type SettingsSnapshot } from './tenant-settings.ts';

/** Which devices depend on which, as people declare it; of all tenants, each tenant's by itself. */
export interface ParentRegistry {
  /** By parent. */
  list(scope: TenantScope): Promise<readonly KeptParent[]>;
  /**
   * The devices of a parent, in the place of those before. Throws `ARGUMENT_INVALID` where one of them has another
   * parent already or would be its own ancestor, with the way around; and `QUOTA_EXCEEDED` beyond 200 parents of a tenant.
   */
  set(principal: Principal, parent: DeviceParent): Promise<KeptParent>;
  /** Its devices depend on nothing then. Throws `NOT_FOUND`. */
  remove(principal: Principal, parentId: string): Promise<void>;
  /** For grouping: read from the store every 5 s, the same object while nothing changed. */
  current(): Promise<SettingsSnapshot<KeptParent>>;
}

export function createParentRegistry(deps: {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
}): ParentRegistry {
  const settings = createTenantSettings<DeviceParent, KeptParent>({
    ...deps,
    ...{ schema: keptParentSchema, collection: 'device-parents', noun: 'parent' },
  });
  return {
    list: async (scope) => [...(await settings.of(scope)).values()],
    async set(principal, parent) {
      check(parent, await settings.of(principal));
      return settings.set(principal, parent.parentId, parent);
    },
    remove: (principal, parentId) => settings.remove(principal, parentId),
    current: () => settings.current(),
  };
}

/** Each device has one parent, and nothing is above itself. */
function check({ parentId, deviceIds }: DeviceParent, known: ReadonlyMap<string, KeptParent>): void {
  const parentOf = new Map<string, string>();
  for (const one of known.values()) {
    if (one.parentId !== parentId) for (const id of one.deviceIds) parentOf.set(id, one.parentId);
  }
  for (const id of new Set(deviceIds)) {
    const other = parentOf.get(id);
    if (other !== undefined) {
      throw invalid(`${named(id)} has the parent ${named(other)} already: take it away there first.`);
    }
  }
  const above = [parentId];
  for (let at = parentOf.get(parentId); at !== undefined && !above.includes(at); at = parentOf.get(at))
    above.push(at);
  const own = above.findIndex((id) => deviceIds.includes(id));
  if (own < 0) return;
  const around = [...above.slice(0, own + 1), parentId].map(named).join(' under ');
  throw invalid(`A device cannot depend on itself: ${around}.`);
}

function named(deviceId: string): string {
  return JSON.stringify(deviceId.slice(0, 80));
}

function invalid(message: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', message);
}
