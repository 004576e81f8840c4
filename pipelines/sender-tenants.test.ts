import { expect, it } from 'vitest';

import { senderTenants } from './sender-tenants.ts';

const connections = [
  { tool: 'FLEET_MDM', server: 'shop', tenantId: 'acme', scopes: {} },
  { tool: 'SYSLOG', server: 'shop', tenantId: 'acme', scopes: {} },
  { tool: 'FLEET_MDM', server: 'scoped', tenantId: 'acme', scopes: { 3: 'umbrella' } },
  { tool: 'FLEET_MDM', server: 'shared', tenantId: 'acme', scopes: {} },
  { tool: 'SYSLOG', server: 'shared', tenantId: 'umbrella', scopes: {} },
  { tool: 'MESHCENTRAL', server: 'nobody', tenantId: null, scopes: {} },
] as const;

it.each([
  ['whose connections are all of one tenant', 'shop', 'acme'],
  ['that tells scopes apart', 'scoped', null],
  ['of two tenants', 'shared', null],
  ['of no tenant', 'nobody', null],
  ['that is not connected', 'unknown', null],
])('a server %s', async (_, sender, tenantId) => {
  const tenantOf = await senderTenants({ connections: () => Promise.resolve(connections) });
  expect(tenantOf(sender)).toBe(tenantId);
});
