import { z } from 'zod';

import type { Detector } from '../../detector.ts';
import { createCondition, type EventObservation } from './condition.ts';
import { jsonState } from './json-state.ts';
import type { PatternRule } from '../../../contracts/alert-rule.ts';

const stateSchema = z.object({
  /** For each number of steps met, less the last: when the latest such sequence began; null for none. */
  startedMs: z.array(z.number().nullable()).max(10),
});
export type PatternState = z.infer<typeof stateSchema>;

/**
 * Fires when events meet the steps in order, with any others between them, the last within `withinMs` of the first.
 * Of overlapping sequences it follows, for each number of steps met, the one that began last: the one with most time
 * left. Throws `ARGUMENT_INVALID` where a step is no CEL.
 */
export function createPattern(rule: PatternRule): Detector<PatternState, EventObservation> {
  const steps = rule.steps.map(createCondition);
  return {
    name: 'pattern',
    version: 1,
    create: () => ({ startedMs: steps.map(() => null) }),
    observe: (state, { timeMs, fields }) => {
      const met = steps.map((step) => step.holds(fields));
      // From the last step down, so that one event moves a sequence by one step.
      for (let i = steps.length - 1; i >= 0; i--) {
        if (met[i] !== true) continue;
        const startedMs = i === 0 ? timeMs : (state.startedMs[i - 1] ?? null);
        if (startedMs === null || timeMs < startedMs || timeMs - startedMs > rule.withinMs) continue;
        if (i < steps.length - 1) {
          const beforeMs = state.startedMs[i] ?? startedMs;
          // One that began later than now was begun by a clock that has been set since.
          state.startedMs[i] = beforeMs > timeMs ? startedMs : Math.max(beforeMs, startedMs);
          continue;
        }
        state.startedMs = steps.map(() => null);
        const spanMs = timeMs - startedMs;
        const summary = `${steps.length} steps within ${Math.round(spanMs / 1000)} s`;
        return { score: 0.5, kind: 'pattern', reason: { summary, values: { steps: steps.length, spanMs } } };
      }
      return null;
    },
    ...jsonState(stateSchema),
  };
}
