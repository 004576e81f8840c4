import { z } from 'zod';

import {
  type KeptTarget,
  keptTargetSchema,
  type Notification,
  notificationSchema,
  webhookTargetSchema,
} from '../../contracts/notification.ts';
import type { Role, TenantScope } from '../../contracts/tenant.ts';
import type { Outbox, TargetSettings } from '../../stores/notifications.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

const admins: readonly Role[] = ['admin'];
const time = z.iso.datetime();

const answeredTargetSchema = keptTargetSchema
  .omit({ sealed: true, changedAtMs: true })
  .extend({ changedAt: time.nullable() })
  .meta({ id: 'NotificationTarget' });
const newTargetSchema = answeredTargetSchema
  .extend({ secret: z.string().describe('What requests are signed with: shown this once.') })
  .meta({ id: 'NewNotificationTarget' });
const answeredNotificationSchema = notificationSchema
  .omit({ createdMs: true, nextAttemptMs: true, attempts: true })
  .extend({
    createdAt: time,
    attempts: z.array(z.object({ at: time, status: z.int().nullable(), error: z.string().nullable() })),
  })
  .meta({ id: 'Notification' });

export interface NotificationRouteDeps {
  readonly notifications: {
    readonly targets: Pick<TargetSettings, 'of' | 'set' | 'remove'>;
    readonly outbox: Pick<Outbox, 'list'>;
    /** A new secret of a target, open and sealed. */
    newSecret(scope: TenantScope, targetId: string): Pick<KeptTarget, 'sealed'> & { readonly secret: string };
  };
}

/** Where incidents are told of, and what was told. */
export function createNotificationRoutes({ notifications }: NotificationRouteDeps): RestRoute[] {
  return [
    listRoute(notifications),
    setRoute(notifications),
    removeRoute(notifications),
    notificationsRoute(notifications),
  ];
}

type Notifications = NotificationRouteDeps['notifications'];

async function pageOfTargets({ targets }: Notifications, scope: TenantScope) {
  return { items: [...(await targets.of(scope)).values()].map(targetAnswer), nextCursor: null };
}

function listRoute(notifications: Notifications): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/notification-targets',
    operationId: 'listNotificationTargets',
    summary: 'Where incidents are told of',
    tag: 'notifications',
    description: 'The webhooks of the tenant, without their secrets.',
    content: { [jsonType]: pageOf(answeredTargetSchema) },
    handle: ({ principal }) => pageOfTargets(notifications, principal),
  });
}

function setRoute({ targets, newSecret }: Notifications): RestRoute {
  return actRoute({
    path: '/notification-targets',
    operationId: 'setNotificationTarget',
    summary: 'Tell a webhook of incidents',
    tag: 'notifications',
    params: noParameters,
    body: webhookTargetSchema,
    description:
      'The target with a new secret, which is shown this once; in the place of the one with its id.',
    content: { [jsonType]: newTargetSchema },
    roles: admins,
    handle: async ({ principal, body }) => {
      const { secret, sealed } = newSecret(principal, body.targetId);
      return { ...targetAnswer(await targets.set(principal, body.targetId, { ...body, sealed })), secret };
    },
  });
}

function removeRoute(notifications: Notifications): RestRoute {
  return actRoute({
    path: '/notification-targets/{targetId}/remove',
    operationId: 'removeNotificationTarget',
    summary: 'Tell a webhook no more',
    tag: 'notifications',
    params: z.strictObject({ targetId: textParameter('The target.', 64) }),
    body: noParameters,
    description: 'The targets that are left. What was not told yet is told no more.',
    content: { [jsonType]: pageOf(answeredTargetSchema) },
    roles: admins,
    handle: async ({ principal, params: { targetId } }) => {
      await notifications.targets.remove(principal, targetId);
      return pageOfTargets(notifications, principal);
    },
  });
}

function notificationsRoute({ outbox }: Notifications): RestRoute {
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
      items: (await outbox.list(principal)).map(notificationAnswer),
      nextCursor: null,
    }),
  });
}

function targetAnswer({ sealed: _sealed, changedAtMs, ...target }: KeptTarget) {
  return { ...target, changedAt: changedAtMs === null ? null : new Date(changedAtMs).toISOString() };
}

function notificationAnswer({ createdMs, nextAttemptMs: _next, attempts, ...rest }: Notification) {
  return {
    ...rest,
    createdAt: new Date(createdMs).toISOString(),
    attempts: attempts.map(({ atMs, ...attempt }) => ({ ...attempt, at: new Date(atMs).toISOString() })),
  };
}
