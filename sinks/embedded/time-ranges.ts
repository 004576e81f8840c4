/** A range of event times, both ends included, in milliseconds since the epoch. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Events of one hour are searched for together; beyond so many hours, all between the first and the last. */
const hourMs = 3_600_000;
const maxRanges = 12;

/** Gathers moments into few ranges that cover them: late events do not widen the range of the others. */
export interface TimeRanges {
  add(timeMs: number): void;
  ranges(): readonly TimeRange[];
}

export function createTimeRanges(): TimeRanges {
  const byHour = new Map<number, { fromMs: number; toMs: number }>();
  let current: { fromMs: number; toMs: number } | undefined;
  let currentHour = Number.NaN;
  return {
    add(timeMs) {
      const hour = Math.floor(timeMs / hourMs);
      if (hour !== currentHour || current === undefined) {
        current = byHour.get(hour) ?? { fromMs: timeMs, toMs: timeMs };
        byHour.set(hour, current);
        currentHour = hour;
      }
      if (timeMs < current.fromMs) current.fromMs = timeMs;
      if (timeMs > current.toMs) current.toMs = timeMs;
    },
    ranges() {
      const ranges = [...byHour.values()].sort((a, b) => a.fromMs - b.fromMs);
      const first = ranges[0];
      const last = ranges.at(-1);
      if (ranges.length <= maxRanges || first === undefined || last === undefined) return ranges;
      return [{ fromMs: first.fromMs, toMs: last.toMs }];
    },
  };
}
