import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { deviceParentSchema } from '../contracts/device-parent.ts';
import { tenantIdSchema } from '../contracts/tenant.ts';
import { parsed } from './control-request.ts';
import type { ParentOperations } from './parent-operations.ts';

const scopeSchema = z.strictObject({ tenantId: tenantIdSchema });
const namedSchema = scopeSchema.extend({ parentId: z.string() });
const setSchema = scopeSchema.extend({ parent: deviceParentSchema });

/** `openframe parents …` on a running server. */
export function registerParentControl(routes: FastifyInstance, parents: ParentOperations): void {
  routes.get('/parents', (request) => parents.list(parsed(scopeSchema, request.query)));
  routes.post('/parents', (request) => {
    const { parent, ...scope } = parsed(setSchema, request.body);
    return parents.set(scope, parent);
  });
  routes.post('/parents/remove', async (request) => {
    const { parentId, ...scope } = parsed(namedSchema, request.body);
    await parents.remove(scope, parentId);
    return { removed: parentId };
  });
}
