import { RRuleTemporal } from 'rrule-temporal';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { MaintenanceWindow, PlannedWindow } from '../../contracts/maintenance-window.ts';

/** The windows of one rule, in the order of time. */
export interface Occurrences {
  /** The one that `timeMs` lies in, its end excluded; null where none does. Asked with times that mostly go up. */
  at(timeMs: number): { readonly startMs: number; readonly endMs: number } | null;
  /** The first that starts at `timeMs` or later; null where there is none. */
  next(timeMs: number): { readonly startMs: number; readonly endMs: number } | null;
}

/** Throws `ARGUMENT_INVALID` where time zone or recurrence are none. */
export function occurrencesOf(window: PlannedWindow): Occurrences {
  const rule = parsed(window);
  const { endedMs = Number.NEGATIVE_INFINITY } = window;
  const spanOf = (startMs: number) => ({ startMs, endMs: startMs + window.durationMs });
  const firstFrom = (timeMs: number): number | null =>
    rule.next(new Date(timeMs), true)?.epochMilliseconds ?? null;
  /** Known without asking: from `fromMs` until before `untilMs` the answer is `found`. */
  let known = { fromMs: 0, untilMs: 0, found: null as ReturnType<typeof spanOf> | null };
  return {
    at(timeMs) {
      if (timeMs >= known.fromMs && timeMs < known.untilMs) return known.found;
      // Of windows that overlap the last that began counts: it ends last.
      const startMs = firstFrom(timeMs - window.durationMs + 1);
      const inside = startMs !== null && startMs <= timeMs;
      const found = inside && startMs >= endedMs ? spanOf(startMs) : null;
      // While one that was ended would go on, nothing is known but that: the next may begin within it.
      const ended = inside && found === null;
      known = inside
        ? { fromMs: timeMs, untilMs: ended ? timeMs : startMs + window.durationMs, found }
        : { fromMs: timeMs, untilMs: startMs ?? Number.POSITIVE_INFINITY, found: null };
      return known.found;
    },
    next(timeMs) {
      const startMs = firstFrom(timeMs);
      return startMs === null ? null : spanOf(startMs);
    },
  };
}

function parsed({ start, timeZone, recurrence = 'FREQ=DAILY;COUNT=1' }: MaintenanceWindow): RRuleTemporal {
  const begins = start.replaceAll(/[-:]/g, '');
  try {
    const rule = new RRuleTemporal({
      rruleString: `DTSTART;TZID=${timeZone}:${begins}\nRRULE:${recurrence}`,
      maxIterations: 20_000,
    });
    rule.next(new Date(0), true);
    return rule;
  } catch (cause) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `The window cannot be planned by '${recurrence}' in the time zone '${timeZone}': ${messageOf(cause)}`,
      { cause },
    );
  }
}
