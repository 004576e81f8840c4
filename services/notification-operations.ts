import type { Notification, NotificationTarget } from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { NotificationDesk, TargetView } from '../query-api/questions/notification-desk.ts';
import { openDesk } from './notifications.ts';
import { operatorOf } from './operator.ts';
import type { Stores } from './stores.ts';

/** What an operator does with a tenant's targets of notifications: as `NotificationDesk`. */
export interface NotificationOperations extends Pick<NotificationDesk, 'targets' | 'test' | 'list'> {
  set(
    scope: TenantScope,
    target: NotificationTarget,
  ): Promise<TargetView & { readonly secret: string | null }>;
  remove(scope: TenantScope, targetId: string): Promise<void>;
}

export function notificationOperations(
  { notifications }: Pick<Stores, 'notifications'>,
  secrets: SecretBox,
): NotificationOperations {
  const desk = openDesk(notifications, secrets);
  return {
    targets: (scope) => desk.targets(scope),
    set: (scope, target) => desk.set(operatorOf(scope), target),
    remove: (scope, targetId) => desk.remove(operatorOf(scope), targetId),
    test: (scope, targetId) => desk.test(scope, targetId),
    list: (scope): Promise<readonly Notification[]> => desk.list(scope),
  };
}
