import { randomBytes } from 'node:crypto';

import type { StreamedAlert } from '../contracts/alert.ts';
import type { KeptTarget } from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { NotificationDesk, TargetView } from '../query-api/questions/notification-desk.ts';
import type { AlertRegistry } from '../stores/alert-registry.ts';
import type { DocumentStore } from '../stores/documents.ts';
import {
  createOutbox,
  createTargetSettings,
  type Outbox,
  type TargetSettings,
} from '../stores/notifications.ts';
import type { Clock } from '../streams/clock.ts';
import { createMailSender, type MailSender } from './mail/mail-sender.ts';
import { mailServerOf, type MailSettings } from './mail/mail-settings.ts';
import { ownerOf } from './webhook.ts';

const secretBytes = 32;

/** Where incidents are told of, and what is to be told. */
export interface Notifications {
  readonly targets: TargetSettings;
  readonly outbox: Outbox;
}

export function openNotifications(
  documents: DocumentStore,
  alerts: Pick<AlertRegistry, 'get' | 'list'>,
  clock: Clock,
): Notifications {
  const targets = createTargetSettings({ documents, clock });
  return { targets, outbox: createOutbox({ documents, clock, targets, alerts }) };
}

/** The alert store, and behind it what is to be told: an alert is noted once it can be asked for. */
export function savingAndNoting(
  alerts: Pick<AlertRegistry, 'save'>,
  outbox: Pick<Outbox, 'note'>,
): { save(streamed: readonly StreamedAlert[]): Promise<void> } {
  return {
    async save(streamed) {
      await alerts.save(streamed);
      await outbox.note(streamed);
    },
  };
}

/** What sends mails by the settings. Throws `CONFIGURATION_INVALID` where a part of them is missing. */
export function openMail(settings: MailSettings): MailSender {
  return createMailSender(mailServerOf(settings), settings.OPENFRAME_PUBLIC_URL);
}

/** What people do with targets and see of notifications. Secrets of webhooks are made here, and kept sealed. */
export function openDesk({ targets, outbox }: Notifications, secrets: SecretBox): NotificationDesk {
  const newSecret = (scope: TenantScope, targetId: string) => {
    const secret = randomBytes(secretBytes).toString('base64url');
    return { secret, sealed: secrets.seal(ownerOf(scope, targetId), secret) };
  };
  return {
    targets: async (scope) => [...(await targets.of(scope)).values()].map(viewOf),
    async set(principal, target) {
      const { targetId } = target;
      if (target.kind === 'email')
        return { ...viewOf(await targets.set(principal, targetId, target)), secret: null };
      const { secret, sealed } = newSecret(principal, targetId);
      return { ...viewOf(await targets.set(principal, targetId, { ...target, sealed })), secret };
    },
    remove: (principal, targetId) => targets.remove(principal, targetId),
    test: async (scope, targetId) => outbox.test(scope, await targets.one(scope, targetId)),
    list: (scope) => outbox.list(scope),
  };
}

function viewOf({ sealed: _sealed, ...view }: KeptTarget): TargetView {
  return view;
}
