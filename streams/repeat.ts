import { isRetryable, OpenFrameError } from '../contracts/errors.ts';
import type { Backoff } from './backoff.ts';
import type { Batch, ReadOptions, Source } from './source.ts';

/** True where the partition moved on while a batch of it was in hand: its new owner has it now. */
export function isRevoked(error: unknown): boolean {
  return error instanceof OpenFrameError && error.code === 'BATCH_REVOKED';
}

/**
 * A source's batches; reading begins anew after a fault that passes by itself. `onFault` waits.
 * Throws what does not pass.
 */
export async function* readRepeatedly(
  source: Source,
  options: ReadOptions,
  onFault: (error: unknown) => Promise<void>,
): AsyncGenerator<Batch | null> {
  for (;;) {
    try {
      yield* source.read(options);
      return;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (options.signal.aborted) return;
      await onFault(error);
    }
  }
}

/**
 * Gives a batch back, and repeats that as long as the source cannot take it: a batch neither acked nor
 * nacked would stand still. Gives up when the run stops, since the next run starts from the last ack.
 */
export async function nackUntilTaken(
  batch: Batch,
  cause: unknown,
  backoff: Backoff,
  signal: AbortSignal,
): Promise<void> {
  while (!batch.revoked.aborted) {
    try {
      return await batch.nack(cause);
    } catch (error) {
      if (isRevoked(error)) return;
      if (!isRetryable(error)) throw error;
      if (signal.aborted) return;
      await backoff.wait(signal);
    }
  }
}
