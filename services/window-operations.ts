import type { KeptWindow, MaintenanceWindow } from '../contracts/maintenance-window.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import { operatorOf } from './operator.ts';
import type { Stores } from './stores.ts';

/** What an operator does with a tenant's maintenance windows: as `WindowRegistry`. */
export interface WindowOperations {
  list(scope: TenantScope): Promise<readonly KeptWindow[]>;
  set(scope: TenantScope, window: MaintenanceWindow): Promise<KeptWindow>;
  end(scope: TenantScope, windowId: string): Promise<KeptWindow>;
  remove(scope: TenantScope, windowId: string): Promise<void>;
}

export function windowOperations({ windows }: Pick<Stores, 'windows'>): WindowOperations {
  return {
    list: (scope) => windows.list(scope),
    set: (scope, window) => windows.set(operatorOf(scope), window),
    end: (scope, windowId) => windows.end(operatorOf(scope), windowId),
    remove: (scope, windowId) => windows.remove(operatorOf(scope), windowId),
  };
}
