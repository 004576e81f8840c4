import {
  type KeptTarget,
  type Notification,
  type NotificationKind,
  notificationKinds,
} from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { Outbox, TargetSettings, Told } from '../stores/notifications.ts';
import type { Clock } from '../streams/clock.ts';
import type { MailSender } from './mail/mail-sender.ts';
import { startRounds } from './rounds.ts';
import { postToWebhook } from './webhook.ts';

const lookEveryMs = 1_000;
/** So many mails are sent before it is looked again what is due: they go one after the other. */
const mailsInTurn = 50;

export interface NotifierDeps {
  readonly outbox: Pick<Outbox, 'due' | 'take' | 'settle'>;
  readonly targets: Pick<TargetSettings, 'of'>;
  readonly secrets: SecretBox;
  readonly mail: MailSender;
  readonly clock: Clock;
  /** Told of rounds that failed, and of notifications that were given up. */
  readonly onFault: (message: string) => void;
}

type Due = Awaited<ReturnType<Outbox['due']>>[number];

/**
 * Tells targets what is due. Webhooks are asked at the same time, so one that does not answer delays no other for more
 * than 10 s. Mails go one after the other through the one server, and wait for no webhook; while it is away one mail a
 * round finds that out.
 */
export function startNotifier(deps: NotifierDeps): AsyncDisposable {
  const onFault = (reason: string): void =>
    deps.onFault(`Notifications could not be sent and are tried again: ${reason}`);
  const round: Readonly<
    Record<NotificationKind, (due: readonly Due[], stopping: AbortSignal) => Promise<unknown>>
  > = {
    webhook: (due) => Promise.all(due.map((one) => tell(deps, one))),
    email: (due, stopping) => tellInTurn(deps, due.slice(0, mailsInTurn), stopping),
  };
  const rounds = notificationKinds.map((kind) =>
    startRounds({ clock: deps.clock, everyMs: lookEveryMs, onFault }, async (stopping) =>
      round[kind](await deps.outbox.due(kind), stopping),
    ),
  );
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(rounds.map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

async function tellInTurn(deps: NotifierDeps, due: readonly Due[], stopping: AbortSignal): Promise<void> {
  for (const one of due) {
    if (stopping.aborted) return;
    const told = await tell(deps, one);
    if (told?.outcome === 'again' && told.status === null) return;
  }
}

/** Null where another has the try. */
async function tell(deps: NotifierDeps, due: Due): Promise<Told | null> {
  const { notification } = due;
  if (!(await deps.outbox.take(due, notification))) return null;
  const target = (await deps.targets.of(due)).get(notification.targetId);
  const told = await tellTarget(deps, due, target, notification);
  const { state, targetId, notificationId } = await deps.outbox.settle(due, notification, told);
  if (state === 'failed') {
    const why = told.error ?? `it answered ${String(told.status)}`;
    deps.onFault(`Notification ${notificationId} to ${due.tenantId}/${targetId} is given up: ${why}`);
  }
  return told;
}

function tellTarget(
  deps: NotifierDeps,
  scope: TenantScope,
  target: KeptTarget | undefined,
  notification: Notification,
): Promise<Told> {
  const gone = { outcome: 'refused', status: null, error: 'the target was taken away' } as const;
  if (target?.enabled !== true || target.kind !== (notification.kind ?? 'webhook'))
    return Promise.resolve(gone);
  return target.kind === 'webhook'
    ? postToWebhook(deps, scope, target, notification)
    : deps.mail.send(scope, target, notification);
}
