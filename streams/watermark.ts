export interface WatermarkOptions {
  /** How much later than a newer event of its partition an event may come and still count as in time. */
  readonly maxOutOfOrderMs: number;
  /** A partition that gave nothing for so long follows the others. */
  readonly idleAfterMs: number;
}

interface PartitionTime {
  ownMs: number;
  lastSeenMs: number;
  currentMs: number;
}

/**
 * How far event time has surely come, for each partition by itself: its newest event time − maxOutOfOrderMs.
 * State never leaves a partition, so one that is read later than the others (a backlog after a restart) keeps
 * its own time, and none of its records is late because of them. Only a partition that has been idle follows:
 * it takes the least time of those that are not. With every partition idle time stands still, for time
 * without events proves nothing about events. It never goes back. An event from the future counts as now, so
 * that one wrong device clock cannot make everybody else's events late.
 */
export class Watermark {
  readonly #options: WatermarkOptions;
  readonly #partitions = new Map<number, PartitionTime>();

  constructor(options: WatermarkOptions) {
    this.#options = options;
  }

  /** Called when a batch comes, before it is processed: the partition is not idle, even if the batch must be repeated. */
  touch(partition: number, nowMs: number): void {
    this.#timeOf(partition).lastSeenMs = nowMs;
  }

  /** What `currentMs` would be after `observe`: for the batch that is not committed yet. */
  after(partition: number, maxEventTimeMs: number, nowMs: number): number {
    const known = this.#partitions.get(partition)?.currentMs ?? Number.NEGATIVE_INFINITY;
    return Math.max(known, Math.min(maxEventTimeMs, nowMs) - this.#options.maxOutOfOrderMs);
  }

  /** Called with the newest event time of each committed batch. */
  observe(partition: number, maxEventTimeMs: number, nowMs: number): void {
    const time = this.#timeOf(partition);
    time.lastSeenMs = nowMs;
    time.currentMs = this.after(partition, maxEventTimeMs, nowMs);
    time.ownMs = Math.max(time.ownMs, Math.min(maxEventTimeMs, nowMs) - this.#options.maxOutOfOrderMs);
  }

  /** A partition that was taken away no longer counts. */
  forget(partition: number): void {
    this.#partitions.delete(partition);
  }

  /** Milliseconds since the epoch; −Infinity before the partition's first event. */
  currentMs(partition: number, nowMs: number): number {
    const time = this.#partitions.get(partition);
    if (time === undefined) return Number.NEGATIVE_INFINITY;
    const followed = this.#isIdle(time, nowMs) ? this.#leastOfActive(nowMs) : Number.NEGATIVE_INFINITY;
    time.currentMs = Math.max(time.currentMs, followed);
    return time.currentMs;
  }

  #timeOf(partition: number): PartitionTime {
    let time = this.#partitions.get(partition);
    if (time === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      this.#partitions.set(partition, (time = { ownMs: never, lastSeenMs: never, currentMs: never }));
    }
    return time;
  }

  #isIdle(time: PartitionTime, nowMs: number): boolean {
    return nowMs - time.lastSeenMs >= this.#options.idleAfterMs;
  }

  #leastOfActive(nowMs: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const time of this.#partitions.values()) {
      if (!this.#isIdle(time, nowMs)) least = Math.min(least, time.ownMs);
    }
    return least === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : least;
  }
}
