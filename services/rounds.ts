import { messageOf } from '../contracts/errors.ts';
import type { Clock } from '../streams/clock.ts';

export interface RoundsOptions {
  readonly clock: Clock;
  /** From the end of a round to the next one. */
  readonly everyMs: number;
  /** Before the first round. Default 0. */
  readonly firstMs?: number;
  /** Told when a round failed; of rounds that fail one after the other for the same reason, once. */
  readonly onFault: (reason: string) => void;
}

/**
 * Does a round, and again and again until it is disposed of, which waits for the round in hand. One that fails
 * is tried again with the next; what fails because of the end is not told.
 */
export function startRounds(
  { clock, everyMs, firstMs = 0, onFault }: RoundsOptions,
  round: (stopping: AbortSignal) => void | Promise<unknown>,
): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    let told: string | undefined;
    if (firstMs > 0) await clock.sleep(firstMs, signal);
    while (!signal.aborted) {
      try {
        await round(signal);
        told = undefined;
      } catch (error) {
        const reason = messageOf(error);
        if (!signal.aborted && reason !== told) onFault(reason);
        told = reason;
      }
      await clock.sleep(everyMs, signal);
    }
  };
  const done = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await done;
    },
  };
}
