import { z } from 'zod';

import { severitySchema } from '../contracts/event.ts';

/** What is shown of a report, and who it is about. */
const sightingDetailSchema = z.object({
  severity: severitySchema,
  title: z.string(),
  deviceId: z.string().nullable(),
  organizationId: z.string().nullable(),
});
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
});
export type Sighting = z.infer<typeof sightingSchema>;
