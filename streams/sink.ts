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
 * How a sink makes durable what its writes already answer: many writes cost one flush. Until a flush that began
 * after a write has resolved, and `losses` is what it was before the write, its records must not be acked.
 */
export interface DeferredDurability {
  /**
   * Resolves when all that writes resolved for before the call is durable, unless `losses` has grown since.
   * Writes may go on meanwhile. Throws a retryable `STORE_UNAVAILABLE` when the store is away.
   */
  flush(): Promise<void>;
  /** How often written records that were not durable were lost, by a fault that the store recovered from. */
  losses(): number;
}

/**
 * The end of a stream: a store. `write` is idempotent (the same records again leave the same rows) and
 * resolves when all records but the returned ones are durable; those can never be stored and go to the dead
 * letters. It throws a retryable `STORE_UNAVAILABLE` when the store is away or busy. One call at a time.
 */
export interface Sink extends AsyncDisposable {
  readonly name: string;
  /** Where there is one, a write resolves when its records are answered, and they are durable later. */
  readonly deferred?: DeferredDurability;
  write(batches: readonly SinkBatch[], signal: AbortSignal): Promise<readonly RejectedRecord[]>;
}
