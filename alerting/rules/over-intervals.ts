import type { Detector } from '../detector.ts';

export interface MeanState<Inner> {
  /** Null until the first interval is over: what a detector takes is taken then. */
  inner: Inner | null;
  /** Of the interval that is not over. */
  startMs: number;
  sum: number;
  count: number;
}

const headerBytes = 24;

/**
 * Hands the mean of each `everyMs` of event time to a detector once the interval is over: what a detector costs is
 * then bounded by the number of series, however often each is measured. Values that are not finite are left out; an
 * interval without any is not measured. What comes a little late counts in the present interval; a clock that was set
 * back begins another.
 */
export function overIntervals<Inner>(detector: Detector<Inner>, everyMs: number): Detector<MeanState<Inner>> {
  const stateOf = (inner: Inner | null): MeanState<Inner> => ({ inner, startMs: 0, sum: 0, count: 0 });
  return {
    name: detector.name,
    version: detector.version,
    create: () => stateOf(null),
    observe: (state, { timeMs, value }) => {
      if (!Number.isFinite(value)) return null;
      const over = state.count > 0 && Math.abs(timeMs - state.startMs) >= everyMs;
      const { startMs, sum, count } = state;
      const found = over
        ? detector.observe((state.inner ??= detector.create()), { timeMs: startMs, value: sum / count })
        : null;
      if (over || state.count === 0) {
        state.startMs = timeMs - (timeMs % everyMs);
        state.sum = state.count = 0;
      }
      state.sum += value;
      state.count++;
      return found;
    },
    serialise: (state) => {
      const inner = state.inner === null ? new Uint8Array() : detector.serialise(state.inner);
      const bytes = new Uint8Array(headerBytes + inner.length);
      const view = new DataView(bytes.buffer);
      [state.startMs, state.sum, state.count].forEach((value, i) => view.setFloat64(8 * i, value, true));
      bytes.set(inner, headerBytes);
      return bytes;
    },
    restore: (bytes) => {
      const inner = bytes.subarray(headerBytes);
      const state = stateOf(inner.length === 0 ? null : detector.restore(inner));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      state.startMs = view.getFloat64(0, true);
      state.sum = view.getFloat64(8, true);
      state.count = view.getFloat64(16, true);
      return state;
    },
  };
}
