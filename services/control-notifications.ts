import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { notificationTargetSchema } from '../contracts/notification.ts';
import { tenantIdSchema } from '../contracts/tenant.ts';
import { parsed } from './control-request.ts';
import type { NotificationOperations } from './notification-operations.ts';

const scopeSchema = z.strictObject({ tenantId: tenantIdSchema });
const namedSchema = scopeSchema.extend({ targetId: z.string() });
const targetSchema = scopeSchema.extend({ target: notificationTargetSchema });

/** `openframe notifications …` on a running server; a new secret is answered over loopback, once. */
export function registerNotificationControl(
  routes: FastifyInstance,
  notifications: NotificationOperations,
): void {
  routes.get('/notifications', (request) => notifications.list(parsed(scopeSchema, request.query)));
  routes.get('/notifications/targets', (request) =>
    notifications.targets(parsed(scopeSchema, request.query)),
  );
  routes.post('/notifications/targets', (request) => {
    const { target, ...scope } = parsed(targetSchema, request.body);
    return notifications.set(scope, target);
  });
  routes.post('/notifications/targets/remove', async (request) => {
    const { targetId, ...scope } = parsed(namedSchema, request.body);
    await notifications.remove(scope, targetId);
    return { removed: targetId };
  });
  routes.post('/notifications/targets/test', (request) => {
    const { targetId, ...scope } = parsed(namedSchema, request.body);
    return notifications.test(scope, targetId);
  });
}
