import { z } from 'zod';

import type { StreamedAlert } from './alert.ts';
import { severities, severitySchema } from './event.ts';

/** How a target is told. */
export const notificationKinds = ['webhook', 'email'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

const targetShape = {
  targetId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and -'),
  kind: z.enum(notificationKinds).default('webhook'),
  /** Of a webhook. */
  url: z
    .url({ protocol: /^https?$/, error: () => 'must be an http or https address' })
    .max(2_000)
    .optional(),
  /** Of an e-mail: one mailbox, so that a refusal is of the whole target. */
  address: z.email('must be one e-mail address').max(254).optional(),
  /** Incidents with a shown alert of at least this severity and this score. */
  minSeverity: z.enum(severities).extract(['WARNING', 'ERROR', 'CRITICAL']).default('ERROR'),
  minScore: z.number().min(0).max(100).default(0),
  enabled: z.boolean().default(true),
};

/** Where incidents are told of: a webhook by HTTP, or a mailbox by SMTP. */
export const notificationTargetSchema = z
  .strictObject(targetShape)
  .refine(({ kind, url, address }) => (kind === 'webhook' ? isOnly(url, address) : isOnly(address, url)), {
    path: ['kind'],
    error: 'must be webhook with a url, or email with an address',
  });
export type NotificationTarget = z.output<typeof notificationTargetSchema>;

function isOnly(wanted: string | undefined, other: string | undefined): boolean {
  return wanted !== undefined && other === undefined;
}

const sealedSchema = z.object({
  algorithm: z.literal('aes-256-gcm'),
  nonce: z.string(),
  tag: z.string(),
  text: z.string(),
});

/** A target as it is kept: what a webhook is signed with is sealed. */
export const keptTargetSchema = z.strictObject({
  ...targetShape,
  /** Targets of before it could be said were told of all. */
  minSeverity: targetShape.minSeverity.unwrap().default('WARNING'),
  sealed: sealedSchema.optional(),
  version: z.int().min(1),
  changedAtMs: z.number().nullable(),
  /** The token's id. */
  changedBy: z.string().nullable(),
});
export type KeptTarget = z.output<typeof keptTargetSchema>;

/** One try to tell a target. */
const attemptSchema = z.object({
  atMs: z.number(),
  /** The status of HTTP, or the reply code of SMTP; null where there was no answer. */
  status: z.int().nullable(),
  error: z.string().nullable(),
});

/** That one incident is told to one target: there is one of each, whatever is repeated. The audit of its tries. */
export const notificationSchema = z.object({
  /** Stands in the header `idempotency-key`, and in the `Message-ID` of a mail: the same with each try. */
  notificationId: z.string(),
  kind: z.enum(notificationKinds).default('webhook'),
  targetId: z.string(),
  incidentId: z.string(),
  /** The alert that it was told for, as it was then. */
  alertId: z.string(),
  title: z.string(),
  severity: severitySchema,
  score: z.number(),
  state: z.enum(['pending', 'delivered', 'failed']),
  createdMs: z.number(),
  nextAttemptMs: z.number(),
  /** Oldest first. */
  attempts: z.array(attemptSchema),
});
export type Notification = z.output<typeof notificationSchema>;

/** Whether a target is told of an incident for this alert of it: never of what feedback has taken all of its score from. */
export function isToldTo(
  { minScore, minSeverity }: Pick<NotificationTarget, 'minScore' | 'minSeverity'>,
  { hidden, state, score, severity }: StreamedAlert,
): boolean {
  const grave = severities.indexOf(severity) >= severities.indexOf(minSeverity);
  return !hidden && state !== 'OK' && grave && score > 0 && score >= minScore;
}
