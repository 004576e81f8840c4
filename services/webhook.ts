import { createHmac } from 'node:crypto';

import { messageOf } from '../contracts/errors.ts';
import type { KeptTarget, Notification } from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { Told } from '../stores/notifications.ts';
import type { Clock } from '../streams/clock.ts';

const timeoutMs = 10_000;
const mostErrorCharacters = 200;

/** Whose secret it is, for the box. */
export function ownerOf({ tenantId }: TenantScope, targetId: string): string {
  return `notification-target/${tenantId}/${targetId}`;
}

/** One signed request; answers within 10 s how it went, and throws nothing. 410 says that nobody wants it any more. */
export async function postToWebhook(
  { secrets, clock }: { readonly secrets: SecretBox; readonly clock: Pick<Clock, 'nowMs'> },
  scope: TenantScope,
  { url, sealed, targetId }: KeptTarget,
  notification: Notification,
): Promise<Told> {
  const { notificationId, incidentId, alertId, title, severity, score, createdMs } = notification;
  const body = JSON.stringify({
    ...{ notificationId, tenantId: scope.tenantId, incidentId, alertId, title, severity, score },
    createdAt: new Date(createdMs).toISOString(),
  });
  try {
    if (url === undefined || sealed === undefined) throw new Error('the target has no address or no secret');
    const secret = secrets.open(ownerOf(scope, targetId), sealed);
    // With the first notification: most processes that know of notifications send none.
    const { request } = await import('undici');
    const { statusCode: status, body: answer } = await request(url, {
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
    const delivered = status >= 200 && status < 300;
    return { outcome: delivered ? 'delivered' : status === 410 ? 'refused' : 'again', status, error: null };
  } catch (error) {
    return { outcome: 'again', status: null, error: messageOf(error).slice(0, mostErrorCharacters) };
  }
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`, so that what is old cannot be sent again. */
function signature(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
