import { z } from 'zod';

import {
  keptTargetSchema,
  type Notification,
  notificationSchema,
  notificationTargetSchema,
} from '../../contracts/notification.ts';
import type { Role, TenantScope } from '../../contracts/tenant.ts';
import type { NotificationDesk, TargetView } from '../questions/notification-desk.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

/** Who may say where incidents are told of. */
export const targetKeepers: readonly Role[] = ['admin'];
const time = z.iso.datetime();

const answeredTargetSchema = keptTargetSchema
  .omit({ sealed: true, changedAtMs: true })
  .extend({ changedAt: time.nullable() })
  .meta({ id: 'NotificationTarget' });
const newTargetSchema = answeredTargetSchema
  .extend({
    secret: z
      .string()
      .nullable()
      .describe('What requests are signed with: shown this once. Null of a mailbox.'),
  })
  .meta({ id: 'NewNotificationTarget' });
const answeredNotificationSchema = notificationSchema
  .omit({ createdMs: true, nextAttemptMs: true, attempts: true })
  .extend({
    createdAt: time,
    attempts: z.array(z.object({ at: time, status: z.int().nullable(), error: z.string().nullable() })),
  })
  .meta({ id: 'Notification' });

export interface NotificationRouteDeps {
  readonly notifications: NotificationDesk;
}

/** Where incidents are told of, and what was told. */
export function createNotificationRoutes({ notifications }: NotificationRouteDeps): RestRoute[] {
  return [
    listRoute(notifications),
    setRoute(notifications),
    removeRoute(notifications),
    testRoute(notifications),
    notificationsRoute(notifications),
  ];
}

async function pageOfTargets(desk: NotificationDesk, scope: TenantScope) {
  return { items: (await desk.targets(scope)).map(targetAnswer), nextCursor: null };
}

function listRoute(desk: NotificationDesk): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/notification-targets',
    operationId: 'listNotificationTargets',
    summary: 'Where incidents are told of',
    tag: 'notifications',
    description: 'The webhooks and mailboxes of the tenant, without their secrets.',
    content: { [jsonType]: pageOf(answeredTargetSchema) },
    handle: ({ principal }) => pageOfTargets(desk, principal),
  });
}

function setRoute(desk: NotificationDesk): RestRoute {
  return actRoute({
    path: '/notification-targets',
    operationId: 'setNotificationTarget',
    summary: 'Tell a webhook or a mailbox of incidents',
    tag: 'notifications',
    params: noParameters,
    body: notificationTargetSchema,
    description:
      'The target in the place of the one with its id; a webhook with a new secret, which is shown this once.',
    content: { [jsonType]: newTargetSchema },
    roles: targetKeepers,
    handle: async ({ principal, body }) => {
      const { secret, ...view } = await desk.set(principal, body);
      return { ...targetAnswer(view), secret };
    },
  });
}

function testRoute(desk: NotificationDesk): RestRoute {
  return actRoute({
    path: '/notification-targets/{targetId}/test',
    operationId: 'testNotificationTarget',
    summary: 'Tell a target that this is a test',
    tag: 'notifications',
    params: z.strictObject({ targetId: textParameter('The target.', 64) }),
    body: noParameters,
    description: 'The notification: how it went stands in the list of notifications.',
    content: { [jsonType]: answeredNotificationSchema },
    roles: targetKeepers,
    handle: async ({ principal, params: { targetId } }) =>
      notificationAnswer(await desk.test(principal, targetId)),
  });
}

function removeRoute(desk: NotificationDesk): RestRoute {
  return actRoute({
    path: '/notification-targets/{targetId}/remove',
    operationId: 'removeNotificationTarget',
    summary: 'Tell a target no more',
    tag: 'notifications',
    params: z.strictObject({ targetId: textParameter('The target.', 64) }),
    body: noParameters,
    description: 'The targets that are left. What was not told yet is told no more.',
    content: { [jsonType]: pageOf(answeredTargetSchema) },
    roles: targetKeepers,
    handle: async ({ principal, params: { targetId } }) => {
      await desk.remove(principal, targetId);
      return pageOfTargets(desk, principal);
    },
  });
}

function notificationsRoute(desk: NotificationDesk): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/notifications',
    operationId: 'listNotifications',
    summary: 'What was told, and every try',
    tag: 'notifications',
    description: 'The newest 200, one for each incident and target: the audit.',
    content: { [jsonType]: pageOf(answeredNotificationSchema) },
    handle: async ({ principal }) => ({
      items: (await desk.list(principal)).map(notificationAnswer),
      nextCursor: null,
    }),
  });
}

/** A target as it is answered. */
export function targetAnswer({ changedAtMs, ...target }: TargetView) {
  return { ...target, changedAt: changedAtMs === null ? null : new Date(changedAtMs).toISOString() };
}

/** A notification as it is answered. */
export function notificationAnswer({ createdMs, nextAttemptMs: _next, attempts, ...rest }: Notification) {
  return {
    ...rest,
    createdAt: new Date(createdMs).toISOString(),
    attempts: attempts.map(({ atMs, ...attempt }) => ({ ...attempt, at: new Date(atMs).toISOString() })),
  };
}
