import type { PlannedWindow } from '../../contracts/maintenance-window.ts';
import { occurrencesOf } from './occurrences.ts';

/** The occurrence that goes on at `fromMs`, if one does, and those after it: at most `count`. Throws `ARGUMENT_INVALID`. */
export function nextTimes(
  window: PlannedWindow,
  fromMs: number,
  count: number,
): readonly { readonly startMs: number; readonly endMs: number }[] {
  const occurrences = occurrencesOf(window);
  const current = occurrences.at(fromMs);
  const times = current === null ? [] : [current];
  let afterMs = fromMs + 1;
  while (times.length < count) {
    const next = occurrences.next(afterMs);
    if (next === null) break;
    times.push(next);
    afterMs = next.startMs + 1;
  }
  return times;
}
