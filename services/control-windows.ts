import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { maintenanceWindowSchema } from '../contracts/maintenance-window.ts';
import { tenantIdSchema } from '../contracts/tenant.ts';
import { parsed } from './control-request.ts';
import type { WindowOperations } from './window-operations.ts';

const scopeSchema = z.strictObject({ tenantId: tenantIdSchema });
const namedSchema = scopeSchema.extend({ windowId: z.string() });
const windowSchema = scopeSchema.extend({ window: maintenanceWindowSchema });

/** `openframe windows …` on a running server. */
export function registerWindowControl(routes: FastifyInstance, windows: WindowOperations): void {
  routes.get('/windows', (request) => windows.list(parsed(scopeSchema, request.query)));
  routes.post('/windows', (request) => {
    const { window, ...scope } = parsed(windowSchema, request.body);
    return windows.set(scope, window);
  });
  routes.post('/windows/end', (request) => {
    const { windowId, ...scope } = parsed(namedSchema, request.body);
    return windows.end(scope, windowId);
  });
  routes.post('/windows/remove', async (request) => {
    const { windowId, ...scope } = parsed(namedSchema, request.body);
    await windows.remove(scope, windowId);
    return { removed: windowId };
  });
}
