import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import { isRetryable } from '../../contracts/errors.ts';
import type { BatchFor, ConsumedOffset, KafkaProducer } from './client.ts';

/** What one transaction of the log writes. */
export interface LaneWork {
  readonly batches: readonly BatchFor[];
  readonly consumed: readonly ConsumedOffset[];
  /** Throws `BATCH_REVOKED` where a position's assignment has ended: asked again right before it is sent. */
  readonly check: () => void;
}

interface Waiting {
  readonly work: LaneWork;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const bytesTogether = 16 * 1024 * 1024;
/** From the commit of one batch to that of the next, where the next one is in memory. */
const turnsBetweenWorks = 2;

/**
 * Commits works one after the other. Those that were fetched together, or come while one is under way, share the next
 * transaction, so that many partitions cost no more commits than one. What is refused fails alone.
 */
export class TransactionLane {
  readonly #open: () => Promise<KafkaProducer>;
  #producer: Promise<KafkaProducer> | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(open: () => Promise<KafkaProducer>) {
    this.#open = open;
  }

  /** Ends what former owners of the producer's ids left open. */
  async ready(): Promise<void> {
    await this.#opened();
  }

  commit(work: LaneWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      this.#running = this.#run();
    });
  }

  async close(): Promise<void> {
    await this.#running;
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    await this.#gather();
    while (this.#waiting.length > 0) {
      const works = this.#checked(this.#takeTogether());
      if (works.length > 0) await this.#commitTogether(works);
    }
    this.#isRunning = false;
  }

  /** Batches that were fetched together are worked on one after the other: their commits are waited for. */
  async #gather(): Promise<void> {
    for (let gathered = 0; gathered < this.#waiting.length;) {
      gathered = this.#waiting.length;
      for (let turn = 0; turn < turnsBetweenWorks; turn++) await turnOfEventLoop();
    }
  }

  #takeTogether(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { work } of this.#waiting) {
      bytes += work.batches.reduce((sum, { batch }) => sum + batch.length, 0);
      if (count > 0 && bytes > bytesTogether) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #checked(works: readonly Waiting[]): Waiting[] {
    return works.filter(({ work, reject }) => {
      try {
        work.check();
        return true;
      } catch (error) {
        reject(error);
        return false;
      }
    });
  }

  async #commitTogether(works: readonly Waiting[]): Promise<void> {
    try {
      const producer = await this.#opened();
      const batches = works.flatMap(({ work }) => work.batches);
      await producer.commit(batches, lastOfEach(works.flatMap(({ work }) => work.consumed)));
      for (const { resolve } of works) resolve();
    } catch (error) {
      if (works.length > 1 && !isRetryable(error)) {
        for (const work of works) await this.#commitTogether([work]);
      } else for (const { reject } of works) reject(error);
    }
  }

  async #opened(): Promise<KafkaProducer> {
    const opening = (this.#producer ??= this.#open());
    try {
      return await opening;
    } catch (error) {
      if (this.#producer === opening) this.#producer = undefined;
      throw error;
    }
  }
}

/** Two works of one partition commit its later offset. */
function lastOfEach(consumed: readonly ConsumedOffset[]): ConsumedOffset[] {
  const places = consumed.map((offset) => [
    `${offset.member.group} ${offset.partition} ${offset.topic}`,
    offset,
  ]);
  return [...new Map(places as [string, ConsumedOffset][]).values()];
}
