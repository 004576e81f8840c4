import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';

/** Exports of one tenant at the same time: each keeps thousands of sorted rows in the engine while it is read. */
const exportsAtOnce = 3;
const retryAfterMs = 10_000;

/**
 * Takes a place for an export of this tenant; call what it gives once, when the export is over. Throws
 * `QUOTA_EXCEEDED` where all are taken.
 */
export function createExportPlaces(): (scope: TenantScope) => () => void {
  const taken = new Map<string, number>();
  return ({ tenantId }) => {
    const others = taken.get(tenantId) ?? 0;
    if (others >= exportsAtOnce) {
      throw new OpenFrameError(
        'QUOTA_EXCEEDED',
        `${exportsAtOnce} exports of this tenant run already: wait until one has ended, or end one.`,
        { retryable: true, details: { limit: exportsAtOnce, retryAfterMs } },
      );
    }
    taken.set(tenantId, others + 1);
    return () => {
      const left = (taken.get(tenantId) ?? 0) - 1;
      if (left > 0) taken.set(tenantId, left);
      else taken.delete(tenantId);
    };
  };
}
