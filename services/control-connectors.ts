import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { tenantIdSchema } from '../contracts/tenant.ts';
import { connectorNameSchema } from '../integrations/connector-registry.ts';
import type { ConnectorOperations } from './connector-operations.ts';
import { parsed } from './control-request.ts';

const requestSchema = connectorNameSchema.extend({
  url: z.string().max(2_000),
  user: z.string().max(256),
  secret: z.string().min(1).max(4_096),
  ca: z
    .string()
    .max(1 << 20)
    .nullable(),
  backMs: z.number().min(0),
  pollMs: z.number().int().min(1_000).max(86_400_000),
  tenantId: tenantIdSchema.nullable(),
  scopes: z.record(z.string(), tenantIdSchema),
});

/** `openframe connect …` on a running server; the secret comes over loopback and leaves it never. */
export function registerConnectorControl(routes: FastifyInstance, connectors: ConnectorOperations): void {
  routes.get('/connectors', () => connectors.list());
  routes.post('/connectors', (request) => connectors.connect(parsed(requestSchema, request.body)));
  routes.post('/connectors/remove', async (request) => ({
    removed: await connectors.remove(parsed(connectorNameSchema, request.body)),
  }));
}
