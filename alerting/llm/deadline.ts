import type { Clock } from '../../streams/clock.ts';

/** A time after which `signal` aborts, by a clock that a test may own. */
export interface Deadline extends AsyncDisposable {
  readonly signal: AbortSignal;
  /** Milliseconds, 0 or less when it has passed. */
  leftMs(): number;
}

export function startDeadline(clock: Clock, afterMs: number): Deadline {
  const endMs = clock.nowMs() + afterMs;
  const late = new AbortController();
  const over = new AbortController();
  const watch = clock.sleep(afterMs, over.signal).then(() => {
    if (!over.signal.aborted) late.abort();
  });
  return {
    signal: late.signal,
    leftMs: () => endMs - clock.nowMs(),
    async [Symbol.asyncDispose]() {
      over.abort();
      await watch;
    },
  };
}
