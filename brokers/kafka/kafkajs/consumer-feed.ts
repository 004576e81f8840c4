import type { Consumer, EachBatchPayload } from 'kafkajs';

import type { OpenFrameError } from '../../../contracts/errors.ts';
import type { Clock } from '../../../streams/clock.ts';
import type { Fetched, FetchOptions, Place, PlaceOffset } from '../client.ts';
import { FetchLanes } from '../fetch-lanes.ts';
import { kafkajsError } from './faults.ts';
import { batchesOf } from './records.ts';

export interface FeedListener {
  assigned(places: readonly Place[]): void;
  revoked(places: readonly Place[]): void;
}

/** How long a fetch waits at a broker; a partition that is asked for anew waits as long at most. */
export const fetchWaitMs = 100;

/**
 * A kafkajs consumer whose records are asked for. kafkajs fetches on its own account and fetches no partition again
 * before all that one answer brought was taken from it, so what it brings is taken at once into lanes, and partitions
 * whose lane is full are paused.
 */
export class ConsumerFeed implements AsyncDisposable {
  readonly #consumer: Consumer;
  readonly #listener: FeedListener;
  readonly #lanes: FetchLanes;
  #fault: OpenFrameError | undefined;
  #closed = false;

  constructor(consumer: Consumer, clock: Clock, listener: FeedListener) {
    this.#consumer = consumer;
    this.#listener = listener;
    this.#lanes = new FetchLanes(
      {
        seek: ({ topic, partition, offset }) => consumer.seek({ topic, partition, offset: String(offset) }),
        pause: ({ topic, partition }) => consumer.pause([{ topic, partitions: [partition] }]),
        resume: ({ topic, partition }) => consumer.resume([{ topic, partitions: [partition] }]),
      },
      clock,
    );
  }

  /** Joins the group of the consumer, and resolves when it has its partitions. */
  async start(topics: readonly string[]): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    this.#consumer.on(events.REBALANCING, () => this.#lose());
    this.#consumer.on(events.CRASH, ({ payload: { error, restart } }) => {
      this.#lose();
      if (!restart) this.#fault = kafkajsError(error, 'Reading from Kafka');
      this.#lanes.wake();
    });
    // Told of answers without a record for us: aborted transactions, the ends of transactions.
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const lane = payload.batchSize === 0 ? this.#lanes.lane(payload) : undefined;
      if (lane?.readOffset === undefined) return;
      this.#lanes.push(lane, [], Math.max(lane.readOffset, Number(payload.lastOffset) + 1));
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatch: (payload) => Promise.resolve(this.#take(payload)),
    });
    this.#throwFault();
  }

  get places(): readonly Place[] {
    return this.#lanes.lanes;
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    this.#throwFault();
    const fetched = await this.#lanes.fetch(from, options);
    this.#throwFault();
    return fetched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#lose();
    await this.#consumer.disconnect().catch(() => undefined);
  }

  #joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#lose();
    const places = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    if (this.#closed || places.length === 0) return;
    this.#consumer.pause(Object.entries(assignment).map(([topic, ps]) => ({ topic, partitions: [...ps] })));
    this.#lanes.add(places);
    this.#listener.assigned(places);
  }

  #lose(): void {
    const places = this.#lanes.lanes.map(({ topic, partition }) => ({ topic, partition }));
    if (places.length === 0) return;
    this.#lanes.remove(places);
    this.#listener.revoked(places);
  }

  #take({ batch, isStale }: EachBatchPayload): void {
    const lane = this.#lanes.lane(batch);
    if (lane?.readOffset === undefined || isStale()) return;
    const nextOffset = Math.max(lane.readOffset, Number(batch.lastOffset()) + 1);
    this.#lanes.push(lane, batchesOf(batch.messages, lane.readOffset), nextOffset);
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}
