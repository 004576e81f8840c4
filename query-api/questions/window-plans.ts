import type { PlannedWindow } from '../../contracts/maintenance-window.ts';

/** One time for which a window is planned. */
export interface WindowTime {
  readonly startMs: number;
  readonly endMs: number;
}

/** When maintenance windows are. */
export interface WindowPlans {
  /** The one that goes on at `fromMs`, if one does, and those after it: at most `count`. Throws `ARGUMENT_INVALID`. */
  times(window: PlannedWindow, fromMs: number, count: number): readonly WindowTime[];
}
