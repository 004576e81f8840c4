import type { Transporter } from 'nodemailer';
import { z } from 'zod';

import { messageOf } from '../../contracts/errors.ts';
import type { KeptTarget, Notification } from '../../contracts/notification.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Told } from '../../stores/notifications.ts';
import { incidentMail } from './incident-mail.ts';
import type { MailServer } from './mail-settings.ts';

const timeoutMs = 10_000;
const mostErrorCharacters = 200;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Sends notifications as mails. */
export interface MailSender {
  /**
   * One mail to the target's mailbox; answers how it went, and throws nothing. `status` is the server's reply code
   * (RFC 5321). A mailbox or a message that is refused for good (5xx) is `refused`; all else that fails is `again`,
   * also a password that is refused: that is the operator's to mend. The `Message-ID` follows from the notification, so
   * a mail that is sent twice because of a crash is one to who receives it.
   */
  send(scope: TenantScope, target: KeptTarget, notification: Notification): Promise<Told>;
}

/** `server` null: nothing is sent, and each try says so. */
export function createMailSender(server: MailServer | null, publicUrl: string | undefined): MailSender {
  if (server === null) {
    const error = 'no mail server is set: OPENFRAME_SMTP_URL';
    return { send: () => Promise.resolve({ outcome: 'again', status: null, error }) };
  }
  const { from } = server;
  let opened: Promise<Transporter> | undefined;
  return {
    async send(scope, { address }, notification) {
      if (address === undefined) return refusal({ message: 'the target has no address' });
      const { subject, text, html } = incidentMail(scope, notification, publicUrl);
      try {
        const transport = await (opened ??= openTransport(server));
        await transport.sendMail({
          ...{ from, to: { name: '', address }, subject, text, html },
          messageId: `<${notification.notificationId}@${domainOf(from)}>`,
          date: new Date(notification.createdMs),
          // RFC 3834: nobody's absence notice is sent back.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { outcome: 'delivered', status: 250, error: null };
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/** The library is loaded with the first mail. */
async function openTransport({ host, port, secure, auth }: MailServer): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    ...{ host, port, secure },
    ...(auth === null ? {} : { auth }),
    // A password goes over no line in the clear.
    requireTLS: auth !== null && !secure && !loopback.test(host),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ dnsTimeout: timeoutMs, disableFileAccess: true, disableUrlAccess: true },
  });
}

const smtpErrorSchema = z.object({ code: z.string().optional(), responseCode: z.int().optional() });
/** What nodemailer calls a refused mailbox, and a refused message. */
const finalCodes: ReadonlySet<string | undefined> = new Set(['EENVELOPE', 'EMESSAGE']);

function failure(error: unknown): Told {
  const parsed = smtpErrorSchema.safeParse(error);
  const { code, responseCode: status = null } = parsed.success ? parsed.data : {};
  const message = oneLine(messageOf(error));
  const final = finalCodes.has(code) && status !== null && status >= 500;
  return final ? refusal({ status, message }) : { outcome: 'again', status, error: message };
}

function refusal({ status = null, message }: { status?: number | null; message: string }): Told {
  return { outcome: 'refused', status, error: message };
}

/** What a server answers is shown to people and written to the log. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, mostErrorCharacters);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
