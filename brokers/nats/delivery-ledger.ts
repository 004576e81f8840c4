/** Records that are handed out together, as they were read. */
export interface Records {
  readonly bytes: Buffer;
  readonly count: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
}

/** One time that records were handed out. */
export interface Delivery {
  readonly records: Records;
  acked: boolean;
}

/**
 * What was handed out and is not durably acked. Acks come in any order; the floor passes a delivery only with all
 * before it. The records stay here until then, so that what is nacked is handed out again from memory.
 */
export class DeliveryLedger {
  #open: Delivery[] = [];
  #durableFloor: number;

  constructor(floor: number) {
    this.#durableFloor = floor;
  }

  /** Everything below is acked at the server. */
  get durableFloor(): number {
    return this.#durableFloor;
  }

  /** Everything below is acked, here or at the server. */
  get floor(): number {
    const firstUnacked = this.#open.findIndex(({ acked }) => !acked);
    const lastAcked = firstUnacked < 0 ? this.#open.at(-1) : this.#open[firstUnacked - 1];
    return lastAcked?.records.nextOffset ?? this.#durableFloor;
  }

  /** Records in hand. */
  get inFlight(): number {
    return this.#open.reduce((sum, { records }) => sum + records.count, 0);
  }

  deliver(records: Records): Delivery {
    const delivery = { records, acked: false };
    this.#open.push(delivery);
    return delivery;
  }

  has(delivery: Delivery): boolean {
    return this.#open.includes(delivery);
  }

  /** The server has taken an ack of all below `floor`. */
  settle(floor: number): void {
    this.#durableFloor = Math.max(this.#durableFloor, floor);
    this.#open = this.#open.filter(({ records }) => records.nextOffset > this.#durableFloor);
  }

  /** Forgets a delivery and all after it; returns their records, to be handed out again. Without one: all. */
  rewind(delivery?: Delivery): readonly Records[] {
    const at = delivery === undefined ? 0 : this.#open.indexOf(delivery);
    return at < 0 ? [] : this.#open.splice(at).map(({ records }) => records);
  }
}
