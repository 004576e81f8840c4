import type { Principal, TenantScope } from '../contracts/tenant.ts';

/** Who changed a tenant's settings where nobody's token did. */
export function operatorOf({ tenantId }: TenantScope): Principal {
  return { tenantId, tokenId: 'operator at the command line', role: 'operator' };
}
