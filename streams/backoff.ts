import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015): each pause is uniform, in whole milliseconds, up to a bound that doubles, so that many waiters do not meet again.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;

  constructor(options: BackoffOptions, clock: Clock, random: Random) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  /** Waits after a failure; longer after each until `reset`. */
  async wait(signal?: AbortSignal): Promise<void> {
    const boundMs = Math.min(this.#options.maxMs, this.#options.initialMs * 2 ** this.#failures++);
    await this.#clock.sleep(1 + Math.floor(this.#random.next() * boundMs), signal);
  }

  reset(): void {
    this.#failures = 0;
  }
}
