import type { Clock } from '../../streams/clock.ts';

export interface ChangeWatchOptions {
  readonly clock: Clock;
  /** Asks the file whether another thread or process committed; true, or a fault, wakes all who wait. */
  readonly poll: () => boolean;
  readonly pollMs: number;
  readonly idlePollMs: number;
}

/**
 * Lets readers wait for commits: of this object at once, of other threads and processes by asking the file,
 * every `pollMs` at first and up to `idlePollMs` apart while nothing comes. Asks only while somebody waits.
 */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs: number;
  #closed = false;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    this.#delayMs = options.pollMs;
  }

  /** Wakes all who wait. */
  notify(): void {
    this.#delayMs = this.#options.pollMs;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next change, after `maxWaitMs`, when `signal` aborts or on `close`. */
  async wait(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    await this.waitFor(() => true, maxWaitMs, signal);
  }

  /** Asks `find` again after each change until it finds; undefined after `maxWaitMs`, on abort or `close`. */
  async waitFor<T>(
    find: () => T | undefined,
    maxWaitMs: number,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const over = new AbortController();
    const timeUp = this.#options.clock.sleep(maxWaitMs, AbortSignal.any([over.signal, signal])).then(() => {
      over.abort();
    });
    try {
      while (!over.signal.aborted && !this.#closed) {
        await this.#nextChange(over.signal);
        const found = find();
        if (found !== undefined) return found;
      }
      return undefined;
    } finally {
      over.abort();
      await timeUp;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.notify();
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      this.#schedule();
    });
  }

  /** A file that cannot be asked may have changed: those who wait meet the fault when they read, and can tell of it. */
  #mayHaveChanged(): boolean {
    try {
      return this.#options.poll();
    } catch {
      return true;
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#closed || this.#waiting.size === 0) return;
      if (this.#mayHaveChanged()) return this.notify();
      this.#delayMs = Math.min(this.#delayMs * 1.5, this.#options.idlePollMs);
      this.#schedule();
    }, this.#delayMs);
  }
}
