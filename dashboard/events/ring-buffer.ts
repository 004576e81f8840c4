/** The newest `capacity` items; an older one makes room for a newer. */
export class RingBuffer<T> {
  readonly #slots: T[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Adds an item; answers the one that it pushed out, or undefined. */
  push(item: T): T | undefined {
    const pushedOut = this.#slots[this.#next];
    this.#slots[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
    return pushedOut;
  }

  /** Oldest first. */
  items(): readonly T[] {
    if (this.#slots.length < this.#capacity) return [...this.#slots];
    return [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)];
  }

  clear(): void {
    this.#slots.length = 0;
    this.#next = 0;
  }
}
