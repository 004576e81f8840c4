export interface WatermarkOptions {
  /** How much later than a newer event of its partition an event may come and still count as in time. */
  readonly maxOutOfOrderMs: number;
  /** A partition that gave nothing for so long no longer holds the others back. */
  readonly idleAfterMs: number;
}

interface PartitionTime {
  maxEventTimeMs: number;
  lastSeenMs: number;
}

/**
 * How far event time has surely come: the least over the active partitions of (newest event time −
 * maxOutOfOrderMs). It never goes back. With every partition idle it stands still: time without events
 * proves nothing about events.
 */
export class Watermark {
  readonly #options: WatermarkOptions;
  readonly #partitions = new Map<number, PartitionTime>();
  #currentMs = Number.NEGATIVE_INFINITY;

  constructor(options: WatermarkOptions) {
    this.#options = options;
  }

  /** Called with the newest event time of each batch. */
  observe(partition: number, maxEventTimeMs: number, nowMs: number): void {
    const known = this.#partitions.get(partition);
    if (known === undefined) this.#partitions.set(partition, { maxEventTimeMs, lastSeenMs: nowMs });
    else {
      known.maxEventTimeMs = Math.max(known.maxEventTimeMs, maxEventTimeMs);
      known.lastSeenMs = nowMs;
    }
  }

  /** A partition that was taken away no longer counts. */
  forget(partition: number): void {
    this.#partitions.delete(partition);
  }

  /** Milliseconds since the epoch; −Infinity before the first event. */
  currentMs(nowMs: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const partition of this.#partitions.values()) {
      if (nowMs - partition.lastSeenMs >= this.#options.idleAfterMs) continue;
      least = Math.min(least, partition.maxEventTimeMs - this.#options.maxOutOfOrderMs);
    }
    if (least !== Number.POSITIVE_INFINITY && least > this.#currentMs) this.#currentMs = least;
    return this.#currentMs;
  }
}
