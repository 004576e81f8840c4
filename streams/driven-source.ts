import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { MemoryAssignment, MemoryLog, StoredBatch } from './memory-log.ts';
import type { Batch, ReadOptions, Source } from './source.ts';

interface DrivenPartition {
  readonly assignment: MemoryAssignment;
  nextOffset: number;
}

/**
 * All partitions of a memory log's topics for one reader, which a test moves on by hand: it gives what is
 * there, then waits until `wake` or `tick`.
 */
export class DrivenSource implements Source {
  readonly name = 'driven';
  readonly #log: MemoryLog;
  readonly #group: string;
  readonly #waitsForCommits: boolean;
  readonly #partitions: DrivenPartition[];
  readonly #revoked = new AbortController();
  #ticks = 0;
  #resume: (() => void) | undefined;
  #idle: (() => void)[] = [];

  /** `waitsForCommits`: it is idle only once all that it gave is committed, for a reader that commits on the side. */
  constructor(log: MemoryLog, group: string, topics: readonly string[], waitsForCommits = false) {
    this.#log = log;
    this.#group = group;
    this.#waitsForCommits = waitsForCommits;
    this.#partitions = topics.flatMap((topic) =>
      Array.from({ length: log.partitionCount(topic) }, (_, partition) => ({
        assignment: log.assign(group, topic, partition, 'driver'),
        nextOffset: log.committedOffset(group, topic, partition),
      })),
    );
  }

  async *read({ maxRecords, signal }: ReadOptions): AsyncGenerator<Batch | null> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      const batch = this.#next(maxRecords);
      if (batch !== null) yield batch;
      else if (this.#ticks > 0) {
        this.#ticks--;
        yield null;
      } else if (this.#waitsForCommits && this.#isInHand()) await turnOfEventLoop();
      else await this.#pause();
    }
  }

  /** Whether something that was given is neither committed nor nacked yet. */
  #isInHand(): boolean {
    return this.#partitions.some(
      ({ nextOffset, assignment: { topic, partition } }) =>
        nextOffset > this.#log.committedOffset(this.#group, topic, partition),
    );
  }

  /** Looks for records again. */
  wake(): void {
    this.#resume?.();
  }

  /** Gives one null: no record came within the time that a reader waits. */
  tick(): void {
    this.#ticks++;
    this.wake();
  }

  /** Resolves once everything there is was read and handled. Called after `wake` or `tick`. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#revoked.abort();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
      const waiting = this.#idle;
      this.#idle = [];
      for (const done of waiting) done();
    });
  }

  #next(maxRecords: number): Batch | null {
    for (const partition of this.#partitions) {
      const { topic, partition: number } = partition.assignment;
      const taken = this.#log.take(topic, number, partition.nextOffset, maxRecords);
      if (taken.length > 0) return this.#batchOf(partition, taken);
    }
    return null;
  }

  #batchOf(from: DrivenPartition, taken: readonly StoredBatch[]): Batch {
    const { topic, partition, generation } = from.assignment;
    const firstOffset = from.nextOffset;
    const nextOffset = taken.at(-1)?.nextOffset ?? firstOffset;
    from.nextOffset = nextOffset;
    const position = { group: this.#group, topic, partition, nextOffset, generation };
    return {
      topic,
      partition,
      bytes: Buffer.concat(taken.map((stored) => stored.bytes)),
      count: taken.reduce((sum, stored) => sum + stored.count, 0),
      firstOffset,
      nextOffset,
      position,
      revoked: this.#revoked.signal,
      ack: async () => {
        this.#log.checkAssigned(position);
        this.#log.setCommitted(position);
      },
      nack: async () => {
        from.nextOffset = this.#log.committedOffset(this.#group, topic, partition);
      },
    };
  }
}
