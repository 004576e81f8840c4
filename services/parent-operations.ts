import type { DeviceParent, KeptParent } from '../contracts/device-parent.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import { operatorOf } from './operator.ts';
import type { Stores } from './stores.ts';

/** What an operator says of which devices depend on which: as `ParentRegistry`. */
export interface ParentOperations {
  list(scope: TenantScope): Promise<readonly KeptParent[]>;
  set(scope: TenantScope, parent: DeviceParent): Promise<KeptParent>;
  remove(scope: TenantScope, parentId: string): Promise<void>;
}

export function parentOperations({ parents }: Pick<Stores, 'parents'>): ParentOperations {
  return {
    list: (scope) => parents.list(scope),
    set: (scope, parent) => parents.set(operatorOf(scope), parent),
    remove: (scope, parentId) => parents.remove(operatorOf(scope), parentId),
  };
}
