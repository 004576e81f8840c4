import type { ConsumedPosition } from './source.ts';

/** Writes and consumed offsets that become durable and visible together, or not at all. */
export interface Transaction {
  /**
   * Stages a sealed record batch. Nothing is visible before `commit`; once that has resolved the batch's memory is the
   * caller's again. `isSealedHere`: the caller has just sealed it itself, so that its checksum need not be held against
   * its bytes once more before they are sent. Default false.
   */
  append(topic: string, partition: number, batch: Buffer, isSealedHere?: boolean): void;
  /**
   * Resolves when all of it is durable. Throws `BATCH_REVOKED` where a position's partition was assigned
   * anew since it was read: nothing was written then, and the task's state must be discarded.
   */
  commit(consumed: readonly ConsumedPosition[]): Promise<void>;
  /** Forgets what was staged. A transaction that was neither committed nor aborted leaves no trace either. */
  abort(): Promise<void>;
}

/** The part of a log that a running topology needs. */
export interface TransactionalLog {
  begin(): Transaction;
  /** Number of partitions of a declared topic. */
  partitionCount(topic: string): number;
  /** The committed records of one partition, oldest first, as record batches: how state is restored. */
  readAll(topic: string, partition: number, fromOffset?: number): AsyncIterable<Buffer>;
}
