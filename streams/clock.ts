/** Time as an argument: nothing below the composition root asks the machine for it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. Only composition roots, benchmarks and the command line create one. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}

/** A clock that a test owns: time stands still until `advance` moves it and wakes the sleepers in order. */
export interface ManualClock extends Clock {
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function createManualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
    async advance(ms) {
      const targetMs = nowMs + ms;
      for (;;) {
        await settle();
        const due = sleepers.filter((s) => s.dueMs <= targetMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined) break;
        sleepers = sleepers.filter((s) => s !== due);
        nowMs = Math.max(nowMs, due.dueMs);
        due.wake();
      }
      nowMs = targetMs;
      await settle();
    },
  };
}
