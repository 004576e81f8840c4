import { z } from 'zod';

const ids = z.array(z.string().min(1).max(256)).min(1).max(100);
/** RFC 5545, the part that a person plans by: no rule recurs within a day. */
const recurrence = z
  .string()
  .max(200)
  .regex(
    /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|WKST)=[A-Z0-9,+-]{1,60})*$/,
    {
      error: 'must be an RRULE such as FREQ=WEEKLY;BYDAY=TH, without times',
    },
  );

/**
 * A time in which trouble is expected, of some devices, organizations or rules: what is reported is grouped and scored
 * and kept out of sight. Without any of them it is of the whole tenant.
 */
export const maintenanceWindowSchema = z.strictObject({
  windowId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and -'),
  title: z.string().trim().min(1).max(120),
  /** When it begins first, by the clocks of `timeZone`: no zone is given. */
  start: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, {
    error: 'must be a time without a zone, such as 2026-02-05T22:00:00',
  }),
  /** IANA's name: a window at ten in the evening is at ten in summer as well. */
  timeZone: z.string().min(1).max(64).default('UTC'),
  durationMs: z
    .number()
    .int()
    .min(60_000)
    .max(7 * 24 * 3600 * 1000),
  /** Without it the window is once. */
  recurrence: recurrence.optional(),
  deviceIds: ids.optional(),
  organizationIds: ids.optional(),
  ruleIds: ids.optional(),
});
export type MaintenanceWindow = z.output<typeof maintenanceWindowSchema>;

/** A window with what people did to it: what began before `endedMs` is over. */
const plannedWindowSchema = maintenanceWindowSchema.extend({ endedMs: z.number().optional() });
export type PlannedWindow = z.output<typeof plannedWindowSchema>;

/** A window as it is kept. */
export const keptWindowSchema = plannedWindowSchema.extend({
  version: z.int().min(1),
  changedAtMs: z.number().nullable(),
  /** The token's id. */
  changedBy: z.string().nullable(),
});
export type KeptWindow = z.output<typeof keptWindowSchema>;
