import type { ListedEvent } from '../api/answers.ts';
import { RingBuffer } from './ring-buffer.ts';

/**
 * The newest events, each once, in bounded memory: what a list answered and what the stream brings. While it
 * is held, newcomers wait and are counted, and the rows stand still.
 */
export class Newest {
  readonly #rows: RingBuffer<ListedEvent>;
  readonly #waiting: RingBuffer<ListedEvent>;
  readonly #known = new Set<string>();
  #waitingCount = 0;

  constructor(capacity: number) {
    this.#rows = new RingBuffer(capacity);
    this.#waiting = new RingBuffer(capacity);
  }

  /** How many rows there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** How many came since the rows were held. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  add(events: readonly ListedEvent[], held: boolean): void {
    for (const event of events) {
      if (this.#known.has(event.eventId)) continue;
      this.#known.add(event.eventId);
      if (held) {
        this.#waitingCount += 1;
        this.#forget(this.#waiting.push(event));
      } else {
        this.#forget(this.#rows.push(event));
      }
    }
  }

  /** Lets in what waited. */
  release(): void {
    for (const event of this.#waiting.items()) this.#forget(this.#rows.push(event));
    this.#waiting.clear();
    this.#waitingCount = 0;
  }

  clear(): void {
    this.#rows.clear();
    this.#waiting.clear();
    this.#known.clear();
    this.#waitingCount = 0;
  }

  /** By event time, newest first; at most `capacity`. */
  rows(): readonly ListedEvent[] {
    return this.#rows
      .items()
      .map((event) => ({ event, timeMs: Date.parse(event.eventTime) }))
      .sort((a, b) => b.timeMs - a.timeMs)
      .map(({ event }) => event);
  }

  #forget(event: ListedEvent | undefined): void {
    if (event !== undefined) this.#known.delete(event.eventId);
  }
}
