import type { ToolDirectory } from '../stores/tool-directory.ts';

/** Whose all the records of a sender are; null where that is nobody or several. */
export type TenantOfSender = (sender: string) => string | null;

/**
 * Senders of tools' records are servers. A server whose connections give every event to one tenant is that tenant's, with
 * what cannot be read of it; one that tells scopes apart is nobody's, since an unreadable record names no scope.
 */
export async function senderTenants(directory: Pick<ToolDirectory, 'connections'>): Promise<TenantOfSender> {
  const tenants = new Map<string, string | null>();
  for (const { server, tenantId, scopes } of await directory.connections()) {
    const whole = Object.keys(scopes).length === 0 ? tenantId : null;
    const known = tenants.get(server);
    tenants.set(server, known === undefined || known === whole ? whole : null);
  }
  return (sender) => tenants.get(sender) ?? null;
}
