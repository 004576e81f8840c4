import { z } from 'zod';

import { alertStates, alertStatuses } from './alert.ts';
import { severitySchema } from './event.ts';

/** Related alerts as one matter: what its alerts come to. */
export const incidentSchema = z.object({
  /** The id of its first alert; behind it `~2` where people had resolved all of it before the next one came. */
  incidentId: z.string(),
  /** Of the shown alert with the highest score. */
  title: z.string(),
  severity: severitySchema,
  /** The highest score of a shown alert. */
  score: z.number(),
  state: z.enum(alertStates),
  status: z.enum(alertStatuses),
  /** Alerts that are shown, and those that are kept out of sight. */
  alerts: z.int(),
  hidden: z.int(),
  /** Hosts that reported, an alert's counted with each alert. */
  hosts: z.int(),
  deviceIds: z.array(z.string()),
  organizationIds: z.array(z.string()),
  firstEventTimeMs: z.number(),
  lastEventTimeMs: z.number(),
});
export type Incident = z.infer<typeof incidentSchema>;

/** What suppression did, and how often people found that it was wrong. */
export const suppressionStatsSchema = z.object({
  /** Alerts that were hidden at some time, by the reason of the last time; all alerts. */
  hidden: z.int(),
  byWindow: z.int(),
  byParent: z.int(),
  byHabit: z.int(),
  total: z.int(),
  /** Of those hidden: chosen at random for review, judged, and judged useful although they were hidden. */
  sampled: z.int(),
  reviewed: z.int(),
  wrong: z.int(),
  /** The share of what is hidden wrongly, with Wilson's interval of 95 %; null before the first verdict. */
  falseRate: z.object({ rate: z.number(), low: z.number(), high: z.number() }).nullable(),
});
export type SuppressionStats = z.infer<typeof suppressionStatsSchema>;
