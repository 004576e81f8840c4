import { z } from 'zod';

import { notificationTargetSchema } from '../../contracts/notification.ts';
import { requireRole } from '../questions/require-role.ts';
import { notificationAnswer, targetAnswer, targetKeepers } from '../rest/notification-routes.ts';
import { textParameter } from '../rest/parameters.ts';
import { parseBody } from '../rest/parse-request.ts';
import { givenMembers, parseArguments } from './arguments.ts';
import type { Resolver } from './resolvers.ts';

const targetIdSchema = z.object({ targetId: textParameter('', 64) });

/** Where incidents are told of, and what was told. */
export const notificationQueries: Readonly<Record<string, Resolver<unknown>>> = {
  notificationTargets: async (_source, _given, { stores, principal }) =>
    (await stores.notifications.targets(principal)).map(targetAnswer),
  notifications: async (_source, _given, { stores, principal }) =>
    (await stores.notifications.list(principal)).map(notificationAnswer),
};

/** Changes of targets, by the roles of REST. */
export const notificationMutations: Readonly<Record<string, Resolver<unknown>>> = {
  async setNotificationTarget(_source, { target }, { stores, principal }) {
    requireRole(principal, targetKeepers);
    const wanted = parseBody(notificationTargetSchema, givenMembers(target));
    const { secret, ...view } = await stores.notifications.set(principal, wanted);
    return { target: targetAnswer(view), secret };
  },
  async removeNotificationTarget(_source, args, { stores, principal }) {
    requireRole(principal, targetKeepers);
    await stores.notifications.remove(principal, parseArguments(targetIdSchema, args).targetId);
    return (await stores.notifications.targets(principal)).map(targetAnswer);
  },
  async testNotificationTarget(_source, args, { stores, principal }) {
    requireRole(principal, targetKeepers);
    const { targetId } = parseArguments(targetIdSchema, args);
    return notificationAnswer(await stores.notifications.test(principal, targetId));
  },
};
