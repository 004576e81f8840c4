import type { StoredEvent } from '../../contracts/event.ts';

/** What a reader of the live tail gets at once. */
export interface TailBatch {
  /** In the order of the log's partitions; the oldest first. */
  readonly events: readonly StoredEvent[];
  /** Matching events that came before these and were given up, because the reader did not keep up. */
  readonly dropped: number;
}

export interface TailLimits {
  /** Most events that wait for one reader. */
  readonly events: number;
  /** Most bytes, as the log holds them, that wait for one reader; one event may be larger. */
  readonly sizeBytes: number;
}

/** Events that wait for one reader. Full, it gives up the oldest and counts them: memory stays bounded. */
export class TailReader {
  readonly #limits: TailLimits;
  #events: StoredEvent[] = [];
  #sizes: number[] = [];
  #sizeBytes = 0;
  #dropped = 0;
  #fault: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  offer(event: StoredEvent, sizeBytes: number): void {
    this.#events.push(event);
    this.#sizes.push(sizeBytes);
    this.#sizeBytes += sizeBytes;
    while (this.#events.length > 1 && this.#isOver()) {
      this.#events.shift();
      this.#sizeBytes -= this.#sizes.shift() ?? 0;
      this.#dropped++;
    }
    this.#wake?.();
  }

  /** Ends the reading with this error, after what waits. */
  fail(error: unknown): void {
    this.#fault = { error };
    this.#wake?.();
  }

  /** All that waits, once something does; null when the signal aborted. One call at a time. */
  async take(signal: AbortSignal): Promise<TailBatch | null> {
    while (!signal.aborted) {
      if (this.#events.length > 0) return this.#takeAll();
      if (this.#fault !== null) throw this.#fault.error;
      await this.#untilWoken(signal);
    }
    return null;
  }

  #isOver(): boolean {
    return this.#events.length > this.#limits.events || this.#sizeBytes > this.#limits.sizeBytes;
  }

  #takeAll(): TailBatch {
    const batch = { events: this.#events, dropped: this.#dropped };
    this.#events = [];
    this.#sizes = [];
    this.#sizeBytes = 0;
    this.#dropped = 0;
    return batch;
  }

  async #untilWoken(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#wake = null;
  }
}
