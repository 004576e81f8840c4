import { z } from 'zod';

import { alertFeedbackSchema } from '../contracts/alert-feedback.ts';
import { severitySchema } from '../contracts/event.ts';
import { pulseSchema } from './sites/pulse.ts';

/** What is shown of a report, and who it is about. */
const sightingDetailSchema = z.object({
  severity: severitySchema,
  title: z.string(),
  deviceId: z.string().nullable(),
  organizationId: z.string().nullable(),
});
export const presences = ['ok', 'late', 'no-data'] as const;
/** Whether a host gives signs of life. */
export type Presence = (typeof presences)[number];
export type SightingDetail = z.infer<typeof sightingDetailSchema>;

/**
 * One report that something is wrong: what detection, a rule or another tool's alert hands to grouping and scoring,
 * and the value of a record of `alerts.signals.v1`. Plain data. All of its text may come from a device and is hostile:
 * it is compared and counted, never interpreted.
 */
export const sightingSchema = z.object({
  /** What is wrong: the rule's or the tool's name of it. The same trouble has the same name everywhere. */
  name: z.string(),
  /** Where: the device, or whatever stands for it. */
  host: z.string(),
  /** Event time, milliseconds since the epoch; a source's clock that runs ahead is bounded by the caller. */
  timeMs: z.number(),
  detail: sightingDetailSchema.optional(),
  /** The rule that found it; without one the event's own severity says so. */
  rule: z
    .object({
      ruleId: z.string(),
      version: z.int(),
      kind: z.string(),
      /** In (0, 1]; 0.5 is the detector's own threshold. */
      score: z.number(),
      /** A sentence of numbers, without text from a device. */
      summary: z.string(),
    })
    .optional(),
  /** It lasts until the same name and host are told clear. Without it, it is of a moment. */
  phase: z.enum(['firing', 'late', 'no-data', 'clear']).optional(),
  /** Whether the host gives signs of life: while it does not, nothing else of it is known to be over. */
  presence: z.enum(presences).optional(),
});
export type Sighting = z.infer<typeof sightingSchema>;

/**
 * What stands on `alerts.signals.v1`: a report; how far the stream's time has come, for what waits for it; how sites fall
 * silent; or what people made of an alert, `home` in the partition of its own tenant.
 */
export const signalSchema = z.union([
  z.strictObject({ tickMs: z.number() }),
  z.strictObject({ feedback: alertFeedbackSchema, home: z.boolean() }),
  pulseSchema,
  sightingSchema,
]);
