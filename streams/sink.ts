/** Where one record of a sink's batch stands: enough to find it again. */
export interface RejectedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly cause?: unknown;
}

/** Records of one partition for a sink, as record batches behind each other. */
export interface SinkBatch {
  readonly partition: number;
  readonly bytes: Buffer;
  readonly count: number;
  /** Records below this offset were written before. */
  readonly firstOffset: number;
}

/**
 * The end of a stream: a store. `write` is idempotent (the same records again leave the same rows) and
 * resolves when all records but the returned ones are durable; those can never be stored and go to the dead
 * letters. It throws a retryable `STORE_UNAVAILABLE` when the store is away or busy. One call at a time.
 */
export interface Sink extends AsyncDisposable {
  readonly name: string;
  write(batches: readonly SinkBatch[], signal: AbortSignal): Promise<readonly RejectedRecord[]>;
}
