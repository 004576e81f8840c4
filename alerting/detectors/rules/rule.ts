import { z } from 'zod';

const durationMs = z
  .number()
  .int()
  .positive()
  .max(31 * 24 * 3600 * 1000);
const condition = z.string().min(1);

/** The value is over `above`, or under `below`, for `forMs`; it is over when it is back by `margin`. */
export const thresholdRuleSchema = z
  .object({
    kind: z.literal('threshold'),
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
export type ThresholdRule = z.infer<typeof thresholdRuleSchema>;

/** A report is due `everyMs` after the one before: late after `lateMs` more, no data after `noDataMs` more. */
export const absenceRuleSchema = z
  .object({ kind: z.literal('absence'), everyMs: durationMs, lateMs: durationMs, noDataMs: durationMs })
  .refine(({ lateMs, noDataMs }) => noDataMs > lateMs, 'noDataMs is over lateMs');
export type AbsenceRule = z.infer<typeof absenceRuleSchema>;

/** `count` events for which `when` holds, within `withinMs`. */
export const rateRuleSchema = z.object({
  kind: z.literal('rate'),
  when: condition,
  count: z.number().int().min(2).max(1_000),
  withinMs: durationMs,
});
export type RateRule = z.infer<typeof rateRuleSchema>;

/** Events that meet the conditions of `steps` one after the other, others between them allowed, within `withinMs`. */
export const patternRuleSchema = z.object({
  kind: z.literal('pattern'),
  steps: z.array(condition).min(1).max(10),
  withinMs: durationMs,
});
export type PatternRule = z.infer<typeof patternRuleSchema>;
