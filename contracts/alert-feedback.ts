import { z } from 'zod';

import type { StreamedAlert } from './alert.ts';

/**
 * What people made of an alert, as far as there is something to learn from it: they called it useful or noise, or they
 * took it up and resolved it without a word, which says a little.
 */
export const alertOutcomes = ['useful', 'noise', 'handled'] as const;
export type AlertOutcome = (typeof alertOutcomes)[number];

/**
 * What the steps on one alert come to, for the stream to learn from: stands on `alerts.signals.v1` as `feedback`, in the
 * partition of its tenant and, for what tenants learn from each other, in all others. The same again, and an older one
 * after a newer one, changes nothing.
 */
export const alertFeedbackSchema = z.object({
  alertId: z.string(),
  /** How many steps the alert has: the newer has more. */
  steps: z.int().min(1),
  /** Null: there is nothing to learn, maybe no longer. */
  outcome: z.enum(alertOutcomes).nullable(),
  /** When it was done, by the platform's clock. */
  atMs: z.number(),
  /** Of the alert: its kind, and what it was found by. */
  name: z.string(),
  host: z.string(),
  ruleId: z.string(),
  circumstance: z.string().nullable(),
});
export type AlertFeedback = z.infer<typeof alertFeedbackSchema>;

/** What was made of this alert, as feedback on its kind. */
export function feedbackOn(
  { alertId, fingerprint: { ruleId, fields }, circumstance }: StreamedAlert,
  made: Pick<AlertFeedback, 'steps' | 'outcome' | 'atMs'>,
): AlertFeedback {
  const { name = '', host = '' } = fields;
  return { alertId, ...made, name, host, ruleId, circumstance };
}
