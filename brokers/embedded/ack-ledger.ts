/** One batch that was handed out and not yet acked. */
export interface Delivery {
  readonly firstOffset: number;
  readonly nextOffset: number;
  acked: boolean;
}

/**
 * What of one partition was handed out and acked. Acks come in any order; `floor`, the offset that a restart
 * begins at, passes a batch only when it and all before it are acked.
 */
export class AckLedger {
  #floor: number;
  #open: Delivery[] = [];
  #openRecords = 0;

  constructor(floor: number) {
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  get hasOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Offsets handed out beyond the floor. */
  get inFlight(): number {
    return this.#openRecords;
  }

  deliver(firstOffset: number, nextOffset: number): Delivery {
    const delivery = { firstOffset, nextOffset, acked: false };
    this.#open.push(delivery);
    this.#openRecords += nextOffset - firstOffset;
    return delivery;
  }

  /** Whether the batch still counts: it was neither passed by the floor nor nacked since. */
  isOpen(delivery: Delivery): boolean {
    return this.#open.includes(delivery);
  }

  /** Marks a batch; returns the floor, moved over every batch that is acked without a gap. */
  ack(delivery: Delivery): number {
    delivery.acked = true;
    let passed = 0;
    for (const first of this.#open) {
      if (!first.acked) break;
      this.#pass(first);
      passed++;
    }
    this.#open.splice(0, passed);
    return this.#floor;
  }

  /** A commit moved the floor: all below it is done, acked or not. */
  advanceTo(offset: number): void {
    const passed = this.#open.filter((delivery) => delivery.nextOffset <= offset);
    for (const delivery of passed) this.#pass(delivery);
    this.#open = this.#open.filter((delivery) => delivery.nextOffset > offset);
    this.#floor = Math.max(this.#floor, offset);
  }

  /** Forgets every batch in hand. */
  clear(): void {
    this.#open = [];
    this.#openRecords = 0;
  }

  /** Forgets this batch and all after it, to be handed out again; returns the offset to go on from. */
  rewind(delivery: Delivery): number {
    const at = this.#open.indexOf(delivery);
    for (const forgotten of this.#open.splice(at)) {
      this.#openRecords -= forgotten.nextOffset - forgotten.firstOffset;
    }
    return delivery.firstOffset;
  }

  #pass(delivery: Delivery): void {
    this.#floor = Math.max(this.#floor, delivery.nextOffset);
    this.#openRecords -= delivery.nextOffset - delivery.firstOffset;
  }
}
