import { build, type Histogram } from 'hdr-histogram-js';

/** What a consumer of committed records saw of the events of a stretch of time. */
export interface SteadyLatency {
  readonly events: number;
  /** Milliseconds from when an event was due to when its output was read. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What followed a `kill -9`, in seconds from the kill. */
export interface Recovery {
  readonly firstOutput: number;
  /** When the last output was read that came more than half a second after its event was due. */
  readonly caughtUp: number;
}

/** What was committed before the kill may be read a moment later: nothing starts within so short a time. */
const oldOutputsMs = 150;
const behindMs = 500;
/** Tenths of a millisecond, up to ten minutes. */
const unitsPerMs = 10;

/** Of the events due within the times. One without an output counts as none: what is lost is counted elsewhere. */
export function latencyOf(
  dueMs: readonly number[],
  seenMs: readonly (number | undefined)[],
  fromMs: number,
  toMs: number,
): SteadyLatency {
  const histogram = build({ highestTrackableValue: 6_000_000, numberOfSignificantValueDigits: 3 });
  dueMs.forEach((due, i) => {
    const seen = seenMs[i];
    if (due < fromMs || due >= toMs || seen === undefined) return;
    histogram.recordValue(Math.max(1, Math.round((seen - due) * unitsPerMs)));
  });
  return { events: histogram.totalCount, ...quantiles(histogram) };
}

function quantiles(histogram: Histogram): Omit<SteadyLatency, 'events'> {
  const at = (percent: number): number => histogram.getValueAtPercentile(percent) / unitsPerMs;
  return { p50: at(50), p99: at(99), p999: at(99.9), max: histogram.maxValue / unitsPerMs };
}

/** Null where nothing new came out after the kill. */
export function recoveryOf(
  dueMs: readonly number[],
  seenMs: readonly (number | undefined)[],
  killedMs: number,
): Recovery | null {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  dueMs.forEach((due, i) => {
    const seen = seenMs[i] ?? 0;
    if (seen <= killedMs + oldOutputsMs) return;
    first = Math.min(first, seen);
    if (seen - due > behindMs) last = Math.max(last, seen);
  });
  if (!Number.isFinite(first)) return null;
  const seconds = (atMs: number): number => Math.round(atMs - killedMs) / 1000;
  return { firstOutput: seconds(first), caughtUp: seconds(Math.max(first, last)) };
}
