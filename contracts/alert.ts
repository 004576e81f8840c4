import { z } from 'zod';

import { severitySchema } from './event.ts';

export const alertStatuses = ['OPEN', 'ACKNOWLEDGED', 'SNOOZED', 'RESOLVED'] as const;

/** One named part of a score; the parts add up to it. */
export const scoreTermSchema = z.object({ name: z.string(), points: z.number(), reason: z.string() });

/** An alert as `alerts.v1` carries it, keyed by `alertId`. */
export const alertSchema = z.object({
  alertId: z.string(),
  tenantId: z.string(),
  status: z.enum(alertStatuses),
  severity: severitySchema,
  title: z.string(),
  /** 0 to 100. */
  score: z.number().min(0).max(100),
  terms: z.array(scoreTermSchema),
  fingerprint: z.object({
    ruleId: z.string(),
    version: z.number().int(),
    fields: z.record(z.string(), z.string()),
  }),
  deviceId: z.string().nullable(),
  organizationId: z.string().nullable(),
  count: z.number().int().min(1),
  firstEventTimeMs: z.number(),
  lastEventTimeMs: z.number(),
});
export type Alert = z.infer<typeof alertSchema>;
