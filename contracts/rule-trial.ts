import { z } from 'zod';

import { severitySchema } from './event.ts';

/** An alert that a trial raised. Ids are the trial's own; `title` may hold text from a device. */
const triedAlertSchema = z.object({
  title: z.string(),
  severity: severitySchema,
  score: z.number(),
  count: z.int(),
  hosts: z.int(),
  firstEventTimeMs: z.number(),
  lastEventTimeMs: z.number(),
});
export type TriedAlert = z.infer<typeof triedAlertSchema>;

/** What one rule does to the stored stream: the same events through the same detectors, once without and once with it. */
export const ruleTrialSchema = z.object({
  ruleId: z.string(),
  /** Of the events read: how many, and from when to when; null where there was none. */
  events: z.int(),
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  /** Alerts of all rules and of events' own severities, with the rules in force and with the rule in its place. */
  alertsBefore: z.int(),
  alertsAfter: z.int(),
  /** Those that one has and the other has not; at most 100 each, the highest score first. */
  gained: z.array(triedAlertSchema),
  lost: z.array(triedAlertSchema),
  /** Alerts that people called useful in that time and that would not have come, by their id. */
  missed: z.array(z.object({ alertId: z.string(), title: z.string() })),
});
export type RuleTrial = z.infer<typeof ruleTrialSchema>;
