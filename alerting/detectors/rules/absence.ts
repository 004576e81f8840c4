import { z } from 'zod';

import type { Detection, TimedDetector } from '../../detector.ts';
import { jsonState } from './json-state.ts';
import type { AbsenceRule } from '../../../contracts/alert-rule.ts';

/** No data is neither ok nor firing: nobody knows. Late is a report overdue that may still come. */
const checkStatuses = ['ok', 'firing', 'late', 'no-data'] as const;

/** A report of one check. */
export interface CheckReport {
  /** When it was accepted, by the clock that `check` is called with: a device's own may be wrong. */
  readonly timeMs: number;
  /** The report itself says that something is wrong. */
  readonly firing: boolean;
}

const stateSchema = z.object({
  status: z.enum(checkStatuses),
  /** Null before the first report. */
  lastMs: z.number().nullable(),
  /** Since when no two reports were an hour apart; null before the first, and in states of before it was kept. */
  sinceMs: z.number().nullable().default(null),
});
/** Who reports again after a longer silence was away. */
const longestBreakMs = 3_600_000;
export type AbsenceState = z.infer<typeof stateSchema>;

/**
 * Knows one of four states of a check, in `state.status`. A report makes it `ok` or `firing`; `check`, called with the
 * stream's clock, makes it `late` and then `no-data`, and answers with a detection at each of the two steps, once. A
 * check that never reported is `no-data` from the start, without a detection. An older report than the newest changes
 * nothing. `onMs` of a detection says for how long it had reported before, without a break of an hour.
 */
export function createAbsence(rule: AbsenceRule): TimedDetector<AbsenceState, CheckReport> {
  return {
    name: 'absence',
    version: 1,
    create: () => ({ status: 'no-data', lastMs: null, sinceMs: null }),
    observe: (state, { timeMs, firing }) => {
      if (state.lastMs !== null && timeMs < state.lastMs) return null;
      const back = state.lastMs === null || timeMs - state.lastMs > longestBreakMs;
      if (back || state.sinceMs === null) state.sinceMs = timeMs;
      state.lastMs = timeMs;
      state.status = firing ? 'firing' : 'ok';
      return null;
    },
    check: (state, nowMs) => {
      if (state.lastMs === null) return null;
      const overdueMs = nowMs - state.lastMs - rule.everyMs;
      const status = overdueMs >= rule.noDataMs ? 'no-data' : overdueMs >= rule.lateMs ? 'late' : null;
      if (status === null || status === state.status || state.status === 'no-data') return null;
      state.status = status;
      return detection(status, overdueMs, state.lastMs - (state.sinceMs ?? state.lastMs));
    },
    ...jsonState(stateSchema),
  };
}

function detection(kind: 'late' | 'no-data', overdueMs: number, onMs: number): Detection {
  const what = kind === 'late' ? 'a report is late' : 'no data';
  return {
    score: kind === 'late' ? 0.25 : 0.5,
    kind,
    reason: {
      summary: `${what}: overdue by ${Math.round(overdueMs / 1000)} s`,
      values: { overdueMs, onMs },
    },
  };
}
