import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { expect, it } from 'vitest';

import type { BatchFor, KafkaProducer } from './client.ts';
import { type LaneWork, TransactionLane } from './transaction-lane.ts';

/** Writes down which partitions each transaction has. */
class Transactions implements KafkaProducer {
  readonly partitions: number[][] = [];

  async commit(batches: readonly BatchFor[]): Promise<void> {
    this.partitions.push(batches.map(({ partition }) => partition));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const workOf = (partition: number): LaneWork => ({
  batches: [{ topic: 'out', partition, batch: Buffer.alloc(1) }],
  consumed: [],
  check: () => {},
});

it('commits together what was fetched together, and worked on one after the other', async () => {
  const transactions = new Transactions();
  const lane = new TransactionLane(() => Promise.resolve(transactions));
  const commits: Promise<void>[] = [];
  for (let partition = 0; partition < 4; partition++) {
    commits.push(lane.commit(workOf(partition)));
    // A source gives sockets and timers their turn before each batch.
    await turnOfEventLoop();
  }
  await Promise.all(commits);
  expect(transactions.partitions).toEqual([[0, 1, 2, 3]]);
});

it('commits what comes alone', async () => {
  const transactions = new Transactions();
  const lane = new TransactionLane(() => Promise.resolve(transactions));
  await lane.commit(workOf(0));
  await lane.commit(workOf(1));
  expect(transactions.partitions).toEqual([[0], [1]]);
});
