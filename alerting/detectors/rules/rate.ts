import { z } from 'zod';

import type { Detector } from '../../detector.ts';
import { createCondition, type EventObservation } from './condition.ts';
import { jsonState } from './json-state.ts';
import type { RateRule } from '../../../contracts/alert-rule.ts';

/** Times of the matching events since the last detection, newest last; fewer than the rule's count. */
const stateSchema = z.object({ timesMs: z.array(z.number()).max(1_000) });
export type RateState = z.infer<typeof stateSchema>;

/**
 * Fires when `count` events that meet the condition lie within `withinMs` of event time, and then counts anew, so an
 * ongoing storm fires once in each `count` events. Throws `ARGUMENT_INVALID` where the condition is no CEL.
 */
export function createRate(rule: RateRule): Detector<RateState, EventObservation> {
  const condition = createCondition(rule.when);
  return {
    name: 'rate',
    version: 1,
    create: () => ({ timesMs: [] }),
    observe: (state, { timeMs, fields }) => {
      if (!condition.holds(fields)) return null;
      // A clock that was set is no reason to stay blind: what lies too far ahead goes as well.
      const near = state.timesMs.filter((t) => Math.abs(t - timeMs) <= rule.withinMs);
      const times = [...near, timeMs].sort((a, b) => a - b).slice(-rule.count);
      state.timesMs = times;
      if (times.length < rule.count) return null;
      const spanMs = (times.at(-1) ?? timeMs) - (times[0] ?? timeMs);
      if (spanMs > rule.withinMs) {
        times.shift();
        return null;
      }
      state.timesMs = [];
      return {
        score: 1 - 2 ** -(rule.withinMs / Math.max(spanMs, rule.withinMs / 8)),
        kind: 'rate',
        reason: {
          summary: `${rule.count} events within ${Math.round(spanMs / 1000)} s`,
          values: { count: rule.count, spanMs, withinMs: rule.withinMs, when: rule.when },
        },
      };
    },
    ...jsonState(stateSchema),
  };
}
