import type { TenantScope } from '../contracts/tenant.ts';

/** Runs a tenant's question when it is its turn. */
export type TakeTurn = <T>(scope: TenantScope, ask: () => Promise<T>) => Promise<T>;

/**
 * Lets so many questions of one tenant run at once; more of them wait for each other, in their order, and no other
 * tenant waits for them.
 */
export function createTenantTurns(atOnce: number): TakeTurn {
  const tenants = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  return async ({ tenantId }, ask) => {
    const turns = tenants.get(tenantId) ?? { running: 0, waiting: [] };
    tenants.set(tenantId, turns);
    if (turns.running < atOnce) turns.running++;
    else await new Promise<void>((resolve) => turns.waiting.push(resolve));
    try {
      return await ask();
    } finally {
      const next = turns.waiting.shift();
      if (next !== undefined) next();
      else if (--turns.running === 0) tenants.delete(tenantId);
    }
  };
}
