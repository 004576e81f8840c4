import { OpenFrameError } from '../../contracts/errors.ts';
import type { Principal, Role } from '../../contracts/tenant.ts';

/** Throws `ROLE_NOT_ALLOWED` where the caller's role is none of those. */
export function requireRole({ role }: Principal, allowed: readonly Role[]): void {
  if (allowed.includes(role)) return;
  throw new OpenFrameError(
    'ROLE_NOT_ALLOWED',
    `A token of role ${role} may not do this; use one of role ${allowed.join(', ')}.`,
    { details: { role, allowed } },
  );
}
