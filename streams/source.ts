/** Where a batch was read: what a transaction commits together with its outputs. */
export interface ConsumedPosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The offset after the last record that was processed. */
  readonly nextOffset: number;
  /** The assignment under which the batch was read; a log refuses a commit from one that has ended. */
  readonly generation: number;
}

/**
 * Records of one partition, in order, as record batches behind each other (see `record-batch.ts`).
 * Exactly one of `ack`, `nack` or a transaction's commit of `position` ends a batch.
 */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  /** Number of records in `bytes`. */
  readonly count: number;
  /** Records below this offset in `bytes` were processed before: skip them (a log reads whole stored batches). */
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** Whether records of any partition waited behind this batch when it was yielded; left out where nobody knows. */
  readonly moreWaits?: boolean;
  /** Set where the source is a log, whose offsets can ride in a transaction. */
  readonly position?: ConsumedPosition;
  /** Aborts when the partition is no longer this reader's; from then on `ack` throws `BATCH_REVOKED`. */
  readonly revoked: AbortSignal;
  /**
   * The records' effect is durable: never deliver them again. Acks may come in any order; progress never
   * passes a batch that is not acked. Resolves when the ack is durable; one that is ahead of an unacked batch
   * resolves at once and becomes durable with it. Throws `BATCH_REVOKED`, also for what was nacked since.
   */
  ack(): Promise<void>;
  /**
   * Deliver this batch, and all of its partition after it, again. Where the source is a log, delivery resumes
   * at the group's committed offset: a transaction whose answer was lost may have consumed this batch already.
   * Batches of one partition that are in hand together are nacked newest first. May throw a retryable error;
   * the batch is still in hand then.
   */
  nack(cause: unknown): Promise<void>;
}

export interface ReadOptions {
  /** At most about this many records a batch (a stored batch is never split). */
  readonly maxRecords: number;
  /** How long to wait for records before yielding null. */
  readonly maxWaitMs: number;
  /** Ends the iteration; a batch already yielded may still be acked. */
  readonly signal: AbortSignal;
  /**
   * The reader keeps nothing of a batch's bytes once it has acked or committed it, so that the source may put others
   * in their place. Default false.
   */
  readonly reuse?: boolean;
}

/**
 * A stream of batches, pulled: not asking is the backpressure. Batches of one partition come in order and
 * the next one may be yielded before the last is acked. null means that `maxWaitMs` passed without records.
 * `read` may be called again once an iteration has ended, by `signal` or by a retryable error it threw: batches
 * that were neither acked nor committed come again then.
 */
export interface Source extends AsyncDisposable {
  readonly name: string;
  read(options: ReadOptions): AsyncIterable<Batch | null>;
}
