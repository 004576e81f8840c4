import type { Clock } from '../clock.ts';
import { recordCount, setBaseOffset } from '../record-batch.ts';
import type { Batch, ReadOptions, Source } from '../source.ts';
import type { Life, Scheduler } from './scheduler.ts';

interface StoredMessages {
  readonly bytes: Buffer;
  readonly firstOffset: number;
  readonly nextOffset: number;
  acked: boolean;
}

/** A durable stream of messages, each delivered until it is acked. It outlives the processes that read it. */
export class SimulatedMessaging {
  readonly #stored: StoredMessages[] = [];
  readonly #scheduler: Scheduler;
  readonly #onAcked: (batch: Buffer) => void;

  constructor(scheduler: Scheduler, onAcked: (batch: Buffer) => void) {
    this.#scheduler = scheduler;
    this.#onAcked = onAcked;
  }

  get isDrained(): boolean {
    return this.#stored.every((stored) => stored.acked);
  }

  publish(batch: Buffer): void {
    const firstOffset = this.#stored.at(-1)?.nextOffset ?? 0;
    setBaseOffset(batch, firstOffset);
    this.#stored.push({
      bytes: batch,
      firstOffset,
      nextOffset: firstOffset + recordCount(batch),
      acked: false,
    });
  }

  source(life: Life): Source {
    let next = 0;
    const revoked = new AbortController().signal;
    const clock = this.#scheduler.clockOf(life);
    const fetch = (): Batch | null => {
      while (this.#stored[next]?.acked === true) next++;
      const stored = this.#stored[next];
      if (stored === undefined) return null;
      const at = next++;
      return this.#batchOf(life, stored, revoked, () => (next = Math.min(next, at)));
    };
    return {
      name: 'messages',
      read: (options) => {
        next = 0;
        return this.#read(life, clock, fetch, options);
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async *#read(
    life: Life,
    clock: Clock,
    fetch: () => Batch | null,
    { maxWaitMs, signal }: ReadOptions,
  ): AsyncGenerator<Batch | null> {
    while (!signal.aborted) {
      const batch = await this.#scheduler.request(life, 'fetch messages', fetch, { repeatable: false });
      if (batch === null) await clock.sleep(maxWaitMs, signal);
      yield batch;
    }
  }

  #batchOf(life: Life, stored: StoredMessages, revoked: AbortSignal, rewind: () => void): Batch {
    const { bytes, firstOffset, nextOffset } = stored;
    const ack = (): void => {
      if (!stored.acked) this.#onAcked(bytes);
      stored.acked = true;
    };
    return {
      topic: 'messages',
      partition: 0,
      bytes,
      count: nextOffset - firstOffset,
      firstOffset,
      nextOffset,
      revoked,
      ack: () => this.#scheduler.request(life, `ack messages [${firstOffset}, ${nextOffset})`, ack),
      nack: () =>
        this.#scheduler
          .request(life, `nack messages [${firstOffset}, ${nextOffset})`, rewind, {
            repeatable: false,
          })
          .then(() => undefined),
    };
  }
}
