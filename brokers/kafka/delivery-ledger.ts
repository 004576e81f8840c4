/** A batch in hand. */
export interface Delivery {
  readonly nextOffset: number;
  acked: boolean;
}

/** What of a partition is in hand. Acks come in any order; the floor passes a batch only with all before it. */
export class DeliveryLedger {
  #floor: number;
  #open: Delivery[] = [];

  constructor(floor: number) {
    this.#floor = floor;
  }

  /** Everything below is done. */
  get floor(): number {
    return this.#floor;
  }

  get hasOpen(): boolean {
    return this.#open.length > 0;
  }

  deliver(nextOffset: number): Delivery {
    const delivery = { nextOffset, acked: false };
    this.#open.push(delivery);
    return delivery;
  }

  /** Returns the floor, which may have passed this batch and others. */
  ack(delivery: Delivery): number {
    delivery.acked = true;
    const firstOpen = this.#open.findIndex(({ acked }) => !acked);
    const passed = this.#open.splice(0, firstOpen < 0 ? this.#open.length : firstOpen).at(-1);
    this.#floor = Math.max(this.#floor, passed?.nextOffset ?? 0);
    return this.#floor;
  }

  /** A commit did everything below. */
  advanceTo(offset: number): void {
    this.#open = this.#open.filter(({ nextOffset }) => nextOffset > offset);
    this.#floor = Math.max(this.#floor, offset);
  }

  /** Nothing is in hand any more. */
  clear(): void {
    this.#open = [];
  }
}
