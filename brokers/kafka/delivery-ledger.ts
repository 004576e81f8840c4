/** A batch in hand. */
export interface Delivery {
  readonly nextOffset: number;
  acked: boolean;
  /** Called once it is done, and all before it. */
  readonly done: () => void;
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

  deliver(nextOffset: number, done: () => void = () => {}): Delivery {
    const delivery = { nextOffset, acked: false, done };
    this.#open.push(delivery);
    return delivery;
  }

  /** Returns the floor, which may have passed this batch and others. */
  ack(delivery: Delivery): number {
    delivery.acked = true;
    const firstOpen = this.#open.findIndex(({ acked }) => !acked);
    const passed = this.#open.splice(0, firstOpen < 0 ? this.#open.length : firstOpen);
    this.#floor = Math.max(this.#floor, passed.at(-1)?.nextOffset ?? 0);
    for (const { done } of passed) done();
    return this.#floor;
  }

  /** A commit did everything below. */
  advanceTo(offset: number): void {
    const passed = this.#open.filter(({ nextOffset }) => nextOffset <= offset);
    this.#open = this.#open.filter(({ nextOffset }) => nextOffset > offset);
    this.#floor = Math.max(this.#floor, offset);
    for (const { done } of passed) done();
  }

  /** Nothing is in hand any more. */
  clear(): void {
    this.#open = [];
  }
}
