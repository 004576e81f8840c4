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

/** A share with Wilson's interval of 95 %. */
const rateSchema = z.object({ rate: z.number(), low: z.number(), high: z.number() });

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
  falseRate: rateSchema.nullable(),
});
export type SuppressionStats = z.infer<typeof suppressionStatsSchema>;

/** Of what people judged, how much was found to be so; the rate is null where nothing was judged. */
const judgedShareSchema = z.object({ found: z.int(), of: z.int(), rate: rateSchema.nullable() });
export type JudgedShare = z.infer<typeof judgedShareSchema>;

/** How well alerts are folded and ranked, by what people said of them. An incident is useful where one of its alerts was called so. */
export const noiseStatsSchema = z.object({
  reports: z.int(),
  /** Those with a shown alert: what there is to look at. And the share of reports that need no look of their own. */
  incidents: z.int(),
  reduction: z.number().nullable(),
  /** So many incidents of a day (UTC), those with the highest scores, are its top. */
  topOfDay: z.int(),
  /** Of incidents at the top of their day, as far as they were judged, those that were useful. */
  precisionAtTop: judgedShareSchema,
  /** Of useful incidents, those that were not at the top of their day: hidden, or ranked below. */
  missed: judgedShareSchema,
  /** Of incidents of which two or more alerts were judged, those with both verdicts. */
  overMerged: judgedShareSchema,
  /** Of useful incidents, those with another one within an hour on the same device. */
  fragmented: judgedShareSchema,
});
export type NoiseStats = z.infer<typeof noiseStatsSchema>;
