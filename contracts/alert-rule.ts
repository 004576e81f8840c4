import { z } from 'zod';

import { severities } from './event.ts';

const durationMs = z
  .number()
  .int()
  .positive()
  .max(31 * 24 * 3600 * 1000);
const condition = z.string().min(1);
const metricName = z.string().min(1).max(256);
/** A rule names the types that it looks at, so that all other events pass by their bytes. */
const eventTypes = z.array(z.string().min(1).max(256)).min(1).max(20);

/** Of a series, the value is over `above`, or under `below`, for `forMs`; it is over when it is back by `margin`. */
export const thresholdRuleSchema = z
  .strictObject({
    kind: z.literal('threshold'),
    metric: metricName,
    above: z.number().optional(),
    below: z.number().optional(),
    forMs: durationMs.or(z.literal(0)).default(0),
    margin: z.number().nonnegative().default(0),
  })
  .refine(({ above, below }) => above !== undefined || below !== undefined, 'give above, below or both')
  .refine(
    ({ above, below }) => above === undefined || below === undefined || above > below,
    'above is over below',
  );
export type ThresholdRule = z.output<typeof thresholdRuleSchema>;

/**
 * A report is due `everyMs` after the one before: late after `lateMs` more, no data after `noDataMs` more. Without
 * `eventTypes` every event of a device is a sign of life, and `workstations` may say how severe the silence of one is that
 * people may have switched off: of a workstation that was not on for three days running.
 */
export const absenceRuleSchema = z
  .strictObject({
    kind: z.literal('absence'),
    eventTypes: eventTypes.optional(),
    everyMs: durationMs,
    lateMs: durationMs,
    noDataMs: durationMs,
    workstations: z.enum(severities).optional(),
  })
  .refine(({ lateMs, noDataMs }) => noDataMs > lateMs, 'noDataMs is over lateMs')
  .refine(
    ({ eventTypes: of, workstations }) => of === undefined || workstations === undefined,
    'workstations is of rules without eventTypes',
  );
export type AbsenceRule = z.output<typeof absenceRuleSchema>;

/** `count` events of one device for which `when` holds, within `withinMs`. */
export const rateRuleSchema = z.strictObject({
  kind: z.literal('rate'),
  eventTypes,
  when: condition,
  count: z.number().int().min(2).max(1_000),
  withinMs: durationMs,
});
export type RateRule = z.output<typeof rateRuleSchema>;

/** Events of one device that meet the conditions of `steps` one after the other, others between them allowed, within `withinMs`. */
export const patternRuleSchema = z.strictObject({
  kind: z.literal('pattern'),
  eventTypes,
  steps: z.array(condition).min(1).max(10),
  withinMs: durationMs,
});
export type PatternRule = z.output<typeof patternRuleSchema>;

/** New and exploding message templates of a tenant's logs, by logger. */
const logTemplatesRuleSchema = z.strictObject({ kind: z.literal('log-templates') });

/** What is new in a metric; each value is the mean of `everyMs`. */
const metricAnomalyRuleSchema = z.strictObject({
  kind: z.literal('metric-anomaly'),
  metric: metricName,
  everyMs: durationMs.min(60_000).default(300_000),
});
export type MetricAnomalyRule = z.output<typeof metricAnomalyRuleSchema>;

/**
 * Of an organization's devices that reported within the last half hour at least `least`, and at least `share`, fall
 * silent together, longer than chance lets them.
 */
export const jointSilenceRuleSchema = z.strictObject({
  kind: z.literal('joint-silence'),
  least: z.number().int().min(3).max(1_000).default(3),
  share: z.number().min(0.25).max(1).default(0.5),
});
export type JointSilenceRule = z.output<typeof jointSilenceRuleSchema>;

/** What a rule looks for. */
export const detectionSchema = z.discriminatedUnion('kind', [
  thresholdRuleSchema,
  absenceRuleSchema,
  rateRuleSchema,
  patternRuleSchema,
  logTemplatesRuleSchema,
  metricAnomalyRuleSchema,
  jointSilenceRuleSchema,
]);

const ids = z.array(z.string().min(1).max(256)).min(1).max(100);

/** A rule as somebody writes it. */
export const alertRuleSchema = z.strictObject({
  ruleId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and -'),
  /** What is wrong when it fires: the first words of the alert's title. */
  title: z.string().trim().min(1).max(120),
  severity: z.enum(severities).extract(['WARNING', 'ERROR', 'CRITICAL']),
  enabled: z.boolean().default(true),
  /** It looks at these alone; without it, at all. */
  organizationIds: ids.optional(),
  deviceIds: ids.optional(),
  detect: detectionSchema,
});
export type AlertRule = z.output<typeof alertRuleSchema>;

/** A rule as it is kept. A default one has version 1 of its own until a tenant sets another in its place. */
export const keptRuleSchema = alertRuleSchema.extend({
  /** Goes up with every change: it stands on what the rule raised. */
  version: z.int().min(1),
  origin: z.enum(['default', 'tenant']),
  changedAtMs: z.number().nullable(),
  /** The token's id. */
  changedBy: z.string().nullable(),
});
export type KeptRule = z.output<typeof keptRuleSchema>;
