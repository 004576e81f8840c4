import {
  type KeptWindow,
  keptWindowSchema,
  type MaintenanceWindow,
  type PlannedWindow,
} from '../contracts/maintenance-window.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';
import { createTenantSettings, type SettingsSnapshot } from './tenant-settings.ts';

/** The maintenance windows of all tenants. */
export interface WindowRegistry {
  /** By id. */
  list(scope: TenantScope): Promise<readonly KeptWindow[]>;
  /** Throws `ARGUMENT_INVALID` where it cannot be planned, and `QUOTA_EXCEEDED` beyond 200 of a tenant. */
  set(principal: Principal, window: MaintenanceWindow): Promise<KeptWindow>;
  /** Ends the occurrence that goes on; later ones stay planned. Setting the window anew begins it again. Throws `NOT_FOUND`. */
  end(principal: Principal, windowId: string): Promise<KeptWindow>;
  /** What it hides is shown again if it goes on. Throws `NOT_FOUND`. */
  remove(principal: Principal, windowId: string): Promise<void>;
  /** For suppression: read from the store every 5 s, the same object while nothing changed. */
  current(): Promise<SettingsSnapshot<KeptWindow>>;
}

/** `check` throws `ARGUMENT_INVALID` where time zone or recurrence are none. */
export function createWindowRegistry(deps: {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly check: (window: MaintenanceWindow) => void;
}): WindowRegistry {
  const settings = createTenantSettings<PlannedWindow, KeptWindow>({
    ...deps,
    ...{ schema: keptWindowSchema, collection: 'maintenance-windows', noun: 'window' },
  });
  return {
    list: async (scope) => [...(await settings.of(scope)).values()],
    async set(principal, window) {
      deps.check(window);
      return settings.set(principal, window.windowId, window);
    },
    async end(principal, windowId) {
      const window = await settings.one(principal, windowId);
      return settings.set(principal, windowId, { ...window, endedMs: deps.clock.nowMs() });
    },
    remove: (principal, windowId) => settings.remove(principal, windowId),
    current: () => settings.current(),
  };
}
