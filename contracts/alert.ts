import { z } from 'zod';

import { type Severity, severitySchema } from './event.ts';

/**
 * What the stream says of an alert: whether what it is about still goes on. While its device is late or gives no data
 * nobody can tell: that is neither firing nor OK.
 */
export const alertStates = ['FIRING', 'LATE', 'NO_DATA', 'OK'] as const;
export type AlertState = (typeof alertStates)[number];

/** What people made of it. */
export const alertStatuses = ['OPEN', 'ACKNOWLEDGED', 'SNOOZED', 'RESOLVED'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

export const alertVerdicts = ['useful', 'noise'] as const;
export type AlertVerdict = (typeof alertVerdicts)[number];

/** One named part of a score; the parts add up to it. `points` are the score's share of `weight` × `value`. */
export const scoreTermSchema = z.object({
  name: z.string(),
  value: z.number(),
  weight: z.number(),
  points: z.number(),
  reason: z.string(),
});

/** What relates an alert to another of its incident. */
export const incidentEdgeSchema = z.object({
  /**
   * On the same device; the same trouble on another device of the same organization; or the silence of what the device
   * depends on, its site or its parent.
   */
  kind: z.enum(['same-device', 'same-trouble-in-organization', 'parent']),
  /** The alert that it is related to. */
  alertId: z.string(),
  /** How long after an alert of the incident opened this one did. */
  gapMs: z.number(),
});
export type IncidentEdge = z.infer<typeof incidentEdgeSchema>;

/** The receipt of an alert that was kept out of sight: why, by what, from when to when. */
export const suppressionSchema = z.object({
  by: z.enum(['window', 'parent', 'habit']),
  /** Of the policy that decided: goes up with every change of what it decides. */
  policyVersion: z.int(),
  /** The maintenance window, in which version. */
  windowId: z.string().nullable(),
  windowVersion: z.int().nullable(),
  /**
   * The alert that explains it: the device gives no sign of life, or its site or its parent does not. Null while the
   * parent is late and nobody knows yet.
   */
  parentAlertId: z.string().nullable(),
  fromMs: z.number(),
  /** Until when the device's silence is usual for it, as far as it is known: `habit` alone. */
  usualUntilMs: z.number().nullable().default(null),
  /** Null while it goes on. */
  toMs: z.number().nullable(),
  /**
   * Why it ended: it was over while it was out of sight, so what was restarted came back; it goes on though the reason
   * is gone, so it did not; or it was reported where or when the reason does not hold. Null while it goes on.
   */
  ended: z.enum(['over', 'goes-on', 'reported']).nullable().default(null),
  /** The score that it had when it was hidden. */
  score: z.number(),
});
export type Suppression = z.infer<typeof suppressionSchema>;

/** What the stream knows of an alert: the value of a record of `alerts.v1`, keyed by `alertId`. The last one counts. */
export const streamedAlertSchema = z.object({
  alertId: z.string(),
  tenantId: z.string(),
  state: z.enum(alertStates),
  severity: severitySchema,
  title: z.string(),
  /** 0 to 100. */
  score: z.number().min(0).max(100),
  terms: z.array(scoreTermSchema),
  /**
   * Who scored it: a score is computed again from the terms by the same name and version. `model`: how many outcomes of
   * alerts the tenant's model had learned from when this one opened.
   */
  scorer: z.object({ name: z.string(), version: z.int(), model: z.int().default(0) }),
  /** In what circumstances it opened, as far as feedback is learned by them; null for alerts of older versions. */
  circumstance: z.string().nullable().default(null),
  fingerprint: z.object({
    ruleId: z.string(),
    version: z.int(),
    fields: z.record(z.string(), z.string()),
  }),
  /** The rule that found it, in which version, and what it saw; null where events' own severity says so. */
  rule: z
    .object({ ruleId: z.string(), version: z.int(), kind: z.string(), summary: z.string() })
    .nullable()
    .default(null),
  /** The incident that it is part of; null for alerts of older versions. */
  incident: z
    .object({ incidentId: z.string(), edge: incidentEdgeSchema.nullable() })
    .nullable()
    .default(null),
  /** It is kept out of sight; and every time that it was, oldest first. */
  hidden: z.boolean().default(false),
  suppressions: z.array(suppressionSchema).default([]),
  /** One of a random 1 % of what was hidden: somebody looks whether that was right. */
  review: z.boolean().default(false),
  /** How often what lasts was over within half an hour, where that is flapping; else 0. */
  flaps: z.int().default(0),
  /** Of the device that reported first. */
  deviceId: z.string().nullable(),
  organizationId: z.string().nullable(),
  /** Reports folded into it, and the hosts they came from. */
  count: z.int().min(1),
  hosts: z.int().min(1),
  firstEventTimeMs: z.number(),
  lastEventTimeMs: z.number(),
});
export type StreamedAlert = z.infer<typeof streamedAlertSchema>;

/** One step in an alert's life, for the audit: who did what, when, and what it was before. */
export const alertStepSchema = z.object({
  atMs: z.number(),
  /** The token's id. */
  by: z.string(),
  action: z.enum([
    'acknowledge',
    'snooze',
    'resolve',
    'resolve-when-clear',
    'reopen',
    'assign',
    'comment',
    'feedback',
    'undo',
  ]),
  /** The comment, the assignee, the verdict, or until when. */
  detail: z.string().nullable(),
  before: z.enum(alertStatuses),
  after: z.enum(alertStatuses),
});
export type AlertStep = z.infer<typeof alertStepSchema>;

/** An alert as it is answered: the stream's part, and people's. */
export const alertSchema = streamedAlertSchema.extend({
  status: z.enum(alertStatuses),
  assignee: z.string().nullable(),
  /** It stays out of sight until then, whatever else happens to it; null where it is not snoozed. */
  snoozedUntilMs: z.number().nullable(),
  /** It is resolved as soon as it no longer fires. */
  resolveWhenClear: z.boolean(),
  verdict: z.enum(alertVerdicts).nullable(),
  /** Oldest first. */
  steps: z.array(alertStepSchema),
});
export type Alert = z.infer<typeof alertSchema>;

/** How much a severity adds to an alert's urgency: nothing up to a warning. */
export function severityRank(severity: Severity): number {
  return severity === 'CRITICAL' ? 2 : severity === 'ERROR' ? 1 : 0;
}
