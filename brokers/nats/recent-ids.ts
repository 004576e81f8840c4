import type { Clock } from '../../streams/clock.ts';

/**
 * The ids that this process stored last, so that most duplicates are known without asking the server. No more than a
 * shortcut: an id that is not here may well be stored.
 */
export class RecentIds {
  readonly #storedAtMs = new Map<string, number>();
  readonly #options: { readonly windowMs: number; readonly maxIds: number; readonly clock: Clock };

  constructor(options: { readonly windowMs: number; readonly maxIds: number; readonly clock: Clock }) {
    this.#options = options;
  }

  /** Whether it was stored less than the window ago. */
  has(id: string): boolean {
    const storedAtMs = this.#storedAtMs.get(id);
    return storedAtMs !== undefined && this.#options.clock.nowMs() - storedAtMs < this.#options.windowMs;
  }

  /** Remembers an id as stored at `storedAtMs`, which was before the server stored it. */
  add(id: string, storedAtMs: number): void {
    this.#storedAtMs.delete(id);
    this.#storedAtMs.set(id, storedAtMs);
    if (this.#storedAtMs.size <= this.#options.maxIds) return;
    const oldest = this.#storedAtMs.keys().next().value;
    if (oldest !== undefined) this.#storedAtMs.delete(oldest);
  }
}
