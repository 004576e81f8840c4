import { z } from 'zod';

/** A tenant's name: in tokens, keys and subjects, so no dot, colon, slash or wildcard. */
export const tenantIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -, starting with a letter or digit');

/** The proof that a reader may see one tenant's data and no other's: the first argument of every reader. */
export interface TenantScope {
  readonly tenantId: string;
}

export const roles = ['agent', 'technician', 'analyst', 'operator', 'admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Who a request comes from, as the token says. */
export interface Principal extends TenantScope {
  readonly tokenId: string;
  readonly role: Role;
  /** Set for a token that one device holds: it may speak for that device alone. */
  readonly deviceId?: string;
}

/** The tenant of a first start. */
export const defaultTenantId = 'default';
