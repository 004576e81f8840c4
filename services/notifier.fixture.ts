import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';

import type { KeptTarget } from '../contracts/notification.ts';
import type { StreamedAlert } from '../contracts/alert.ts';
import { createSecretBox } from '../integrations/sealed-secret.ts';
import { createAlertRegistry } from '../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createManualClock } from '../streams/clock.ts';
import type { MailSender } from './mail/mail-sender.ts';
import { openDesk, openNotifications, savingAndNoting } from './notifications.ts';
import { startNotifier } from './notifier.ts';

export const admin = { tenantId: 'acme', tokenId: 't', role: 'admin' } as const;

/** Alerts, what is to be told of them, and who tells it, on documents in memory and a clock that the test owns. */
export async function openNotifier(
  stack: AsyncDisposableStack,
  target: Pick<KeptTarget, 'targetId' | 'kind' | 'url' | 'address' | 'minScore'>,
  mail: MailSender,
) {
  const clock = createManualClock(1_000_000);
  const documents = stack.use(createEmbeddedDocuments({ path: ':memory:' }));
  const alerts = createAlertRegistry({ documents, clock });
  const key = randomBytes(32);
  const secrets = createSecretBox({ key: () => key, randomBytes });
  const notifications = openNotifications(documents, alerts, clock);
  const { targets, outbox } = notifications;
  const desk = openDesk(notifications, secrets);
  const { secret } = await desk.set(admin, { ...target, minSeverity: 'WARNING', enabled: true });
  const faults: string[] = [];
  return {
    ...{ clock, documents, alerts, outbox, targets, desk, secret, faults },
    save: (...streamed: readonly StreamedAlert[]) => savingAndNoting(alerts, outbox).save(streamed),
    start: () => {
      const deps = { outbox, targets, secrets, mail, clock };
      return stack.use(startNotifier({ ...deps, onFault: (text) => faults.push(text) }));
    },
    /** Until nothing more happens at this moment of the clock. */
    passed: async (ms: number): Promise<void> => {
      await clock.advance(ms);
      await expect.poll(async () => (await outbox.due(target.kind)).length).toBe(0);
    },
  };
}
