import { randomBytes } from 'node:crypto';

import type { StreamedAlert } from '../contracts/alert.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { AlertRegistry } from '../stores/alert-registry.ts';
import type { DocumentStore } from '../stores/documents.ts';
import {
  createOutbox,
  createTargetSettings,
  type Outbox,
  type TargetSettings,
} from '../stores/notifications.ts';
import type { Clock } from '../streams/clock.ts';
import { ownerOf } from './notifier.ts';

const secretBytes = 32;

/** Where incidents are told of, and what is to be told. */
export interface Notifications {
  readonly targets: TargetSettings;
  readonly outbox: Outbox;
}

export function openNotifications(
  documents: DocumentStore,
  alerts: Pick<AlertRegistry, 'list'>,
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

/** Makes secrets of targets, which are kept sealed. */
export function secretsFor(secrets: SecretBox) {
  return (scope: TenantScope, targetId: string) => {
    const secret = randomBytes(secretBytes).toString('base64url');
    return { secret, sealed: secrets.seal(ownerOf(scope, targetId), secret) };
  };
}
