import { z } from 'zod';

import { severitySchema } from './event.ts';

/** Where incidents are told of, by HTTP. */
export const webhookTargetSchema = z.strictObject({
  targetId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and -'),
  url: z.url({ protocol: /^https?$/, error: () => 'must be an http or https address' }).max(2_000),
  /** Incidents with a shown alert of at least this score. */
  minScore: z.number().min(0).max(100).default(0),
  enabled: z.boolean().default(true),
});
export type WebhookTarget = z.output<typeof webhookTargetSchema>;

const sealedSchema = z.object({
  algorithm: z.literal('aes-256-gcm'),
  nonce: z.string(),
  tag: z.string(),
  text: z.string(),
});

/** A target as it is kept: what it is signed with is sealed. */
export const keptTargetSchema = webhookTargetSchema.extend({
  sealed: sealedSchema,
  version: z.int().min(1),
  changedAtMs: z.number().nullable(),
  /** The token's id. */
  changedBy: z.string().nullable(),
});
export type KeptTarget = z.output<typeof keptTargetSchema>;

/** One try to tell a target. */
const attemptSchema = z.object({
  atMs: z.number(),
  /** The HTTP status; null where there was no answer. */
  status: z.int().nullable(),
  error: z.string().nullable(),
});

/** That one incident is told to one target: there is one of each, whatever is repeated. The audit of its tries. */
export const notificationSchema = z.object({
  /** Stands in the header `idempotency-key`, the same with each try. */
  notificationId: z.string(),
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
