/** One stored batch, read back. */
export interface StoredBatch {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly count: number;
  readonly bytes: Buffer;
}

export interface Retention {
  readonly retentionMs: number;
  readonly retentionBytes: number;
}

/**
 * The records of one partition in a SQLite table. Every method is one short call on the open connection;
 * `append` runs inside the caller's write transaction.
 */
export interface Lane {
  /** Stores a sealed batch (a copy: the caller keeps its buffer) and returns its first offset. */
  append(batch: Buffer): number;
  /** The offset that the next record will have. */
  endOffset(): number;
  /** The oldest retained offset; the end where there is none. */
  firstOffset(): number;
  /** When the batch that holds `offset` was stored; null where it is gone. */
  appendedAtMs(offset: number): number | null;
  /** Batches in order from the one that holds `fromOffset` on: within `maxRecords`, but at least one. */
  readRecords(fromOffset: number, maxRecords: number): readonly StoredBatch[];
  /** The same within `maxBytes`. */
  readBytes(fromOffset: number, maxBytes: number): readonly StoredBatch[];
  /** The offset below which `retention` lets records go. */
  expiredBelow(retention: Retention, nowMs: number): number;
  /** Removes the batches that lie wholly below `offset`, in the caller's write transaction. */
  removeBelow(offset: number): void;
  /** Bytes of all that is retained. */
  sizeBytes(): number;
  /** The transaction of what was appended since `forget` or the last call has committed: readers may share it. */
  settle(): void;
  /** Forgets what was remembered of the table: another connection wrote, or a transaction rolled back. */
  forget(): void;
}

export interface LaneDeps {
  /** A name of our own making: it stands in statements as it is. */
  readonly table: string;
  readonly nowMs: () => number;
  /** Readers that follow each other get the same object for a batch as long as newer ones fit in here. Default 0. */
  readonly sharedBytes?: number;
}
