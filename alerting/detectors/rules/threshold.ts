import { z } from 'zod';

import type { Detection, Detector } from '../../detector.ts';
import { jsonState } from './json-state.ts';
import type { ThresholdRule } from '../../../contracts/alert-rule.ts';

const stateSchema = z.object({
  /** Since when the value is beyond the limit, and which limit that is; null while it is not. */
  beyond: z.object({ sinceMs: z.number(), limit: z.number(), told: z.boolean() }).nullable(),
});
export type ThresholdState = z.infer<typeof stateSchema>;

/**
 * Fires once when a value has been beyond a limit for `forMs` of event time, and again only after it came back by
 * `margin` (hysteresis). Values that are not finite change nothing: no data is the absence rule's matter.
 */
export function createThreshold(rule: ThresholdRule): Detector<ThresholdState> {
  return {
    name: 'threshold',
    version: 1,
    create: () => ({ beyond: null }),
    observe: (state, { timeMs, value }) => {
      if (!Number.isFinite(value)) return null;
      const limit = crossed(rule, value, state.beyond === null ? 0 : rule.margin);
      if (limit === null) {
        state.beyond = null;
        return null;
      }
      if (state.beyond === null || state.beyond.limit !== limit) {
        state.beyond = { sinceMs: timeMs, limit, told: false };
      }
      state.beyond.sinceMs = Math.min(state.beyond.sinceMs, timeMs);
      const beyondMs = timeMs - state.beyond.sinceMs;
      if (state.beyond.told || beyondMs < rule.forMs || crossed(rule, value, 0) === null) return null;
      state.beyond.told = true;
      return detection(value, limit, beyondMs);
    },
    ...jsonState(stateSchema),
  };
}

/** The limit that the value is beyond, made easier to be beyond by `margin`. */
function crossed({ above, below }: ThresholdRule, value: number, margin: number): number | null {
  if (above !== undefined && value > above - margin) return above;
  if (below !== undefined && value < below + margin) return below;
  return null;
}

function detection(value: number, limit: number, beyondMs: number): Detection {
  const side = value > limit ? 'over' : 'under';
  const excess = Math.abs(value - limit) / Math.max(Math.abs(limit), 1e-9);
  return {
    score: 1 - 2 ** -(1 + excess),
    kind: 'threshold',
    reason: { summary: `${value} is ${side} ${limit}`, values: { value, limit, beyondMs } },
  };
}
