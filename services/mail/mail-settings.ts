import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import { readSecretFile } from '../secret-file.ts';

/** Settings of notifications by e-mail. */
export const mailSettingsShape = {
  OPENFRAME_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtp://host:587 or smtps://host:465' })
    .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
      error: 'must hold no user or password: they have settings of their own',
    })
    .optional()
    .describe(
      'Mail server for notifications: `smtp://host:587`, encrypted by STARTTLS, or `smtps://host:465`. Without it no mail is sent.',
    ),
  OPENFRAME_SMTP_FROM: z.email().optional().describe('Who mails are from. Needed with the server.'),
  OPENFRAME_SMTP_USERNAME: z.string().min(1).optional().describe('User of the mail server.'),
  OPENFRAME_SMTP_PASSWORD: z.string().min(1).optional().describe('Its password.'),
  OPENFRAME_SMTP_PASSWORD_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File that holds the password, instead.'),
  OPENFRAME_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people open the dashboard: mails link to their incident there.'),
};

export type MailSettings = z.output<z.ZodObject<typeof mailSettingsShape>>;

/** A mail server, and as whom it is used. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  readonly from: string;
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/** Null where no mail is sent. Throws `CONFIGURATION_INVALID` where a part is missing. */
export function mailServerOf(settings: MailSettings): MailServer | null {
  const { OPENFRAME_SMTP_URL: url, OPENFRAME_SMTP_FROM: from, OPENFRAME_SMTP_USERNAME: user } = settings;
  if (url === undefined) return null;
  if (from === undefined) throw invalid('OPENFRAME_SMTP_FROM is missing: who are mails from?');
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === 'smtps:';
  const pass = passwordOf(settings);
  if ((user === undefined) !== (pass === undefined))
    throw invalid('OPENFRAME_SMTP_USERNAME and a password for it go together.');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    from,
    auth: user === undefined || pass === undefined ? null : { user, pass },
  };
}

function passwordOf(settings: MailSettings): string | undefined {
  const { OPENFRAME_SMTP_PASSWORD: password, OPENFRAME_SMTP_PASSWORD_FILE: file } = settings;
  if (file === undefined) return password;
  return readSecretFile('OPENFRAME_SMTP_PASSWORD_FILE', file).replace(/\r?\n$/, '');
}

function invalid(message: string): OpenFrameError {
  return new OpenFrameError('CONFIGURATION_INVALID', message);
}
