import { createHmac } from 'node:crypto';
import { request } from 'undici';

import { messageOf } from '../contracts/errors.ts';
import type { KeptTarget, Notification } from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { Outbox, TargetSettings, Told } from '../stores/notifications.ts';
import type { Clock } from '../streams/clock.ts';

const lookEveryMs = 1_000;
const timeoutMs = 10_000;

export interface NotifierDeps {
  readonly outbox: Pick<Outbox, 'due' | 'take' | 'settle'>;
  readonly targets: Pick<TargetSettings, 'of'>;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly onFault: (message: string) => void;
}

/** Whose secret it is, for the box. */
export function ownerOf({ tenantId }: TenantScope, targetId: string): string {
  return `notification-target/${tenantId}/${targetId}`;
}

/** Tells targets what is due, each with pauses of its own: one that does not answer delays no other for more than 10 s. */
export function startNotifier(deps: NotifierDeps): AsyncDisposable {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const due = await deps.outbox.due();
        await Promise.all(due.map((one) => tell(deps, one, one.notification)));
      } catch (error) {
        deps.onFault(`Notifications could not be sent and are tried again: ${messageOf(error)}`);
      }
      await deps.clock.sleep(lookEveryMs, stopping.signal);
    }
  };
  const done = loop();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await done;
    },
  };
}

async function tell(deps: NotifierDeps, scope: TenantScope, notification: Notification): Promise<void> {
  if (!(await deps.outbox.take(scope, notification))) return;
  const target = (await deps.targets.of(scope)).get(notification.targetId);
  const told =
    target?.enabled === true
      ? await post(deps, scope, target, notification)
      : { status: 410, error: 'the target was taken away' };
  await deps.outbox.settle(scope, notification, told);
}

async function post(
  { secrets, clock }: NotifierDeps,
  scope: TenantScope,
  { url, sealed, targetId }: KeptTarget,
  { notificationId, incidentId, alertId, title, severity, score, createdMs }: Notification,
): Promise<Told> {
  const body = JSON.stringify({
    ...{ notificationId, tenantId: scope.tenantId, incidentId, alertId, title, severity, score },
    createdAt: new Date(createdMs).toISOString(),
  });
  try {
    const secret = secrets.open(ownerOf(scope, targetId), sealed);
    const { statusCode, body: answer } = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': notificationId,
        'openframe-signature': signature(secret, Math.floor(clock.nowMs() / 1000), body),
      },
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    await answer.dump();
    return { status: statusCode, error: null };
  } catch (error) {
    return { status: null, error: messageOf(error).slice(0, 200) };
  }
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`, so that what is old cannot be sent again. */
function signature(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
