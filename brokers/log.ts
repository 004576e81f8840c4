import type { Source } from '../streams/source.ts';
import type { TransactionalLog } from '../streams/transaction.ts';

export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
  /** `compact` keeps the last record of each key (a tombstone removes it); `delete` keeps all for `retentionMs`. */
  readonly cleanup: 'compact' | 'delete';
  readonly retentionMs: number;
  /** Oldest records go first once a partition holds more than this. */
  readonly retentionBytes: number;
  /** The largest batch that it takes, compressed, in bytes. Default: the brokers' own limit (Kafka: 1 MiB). */
  readonly maxBatchBytes?: number;
  /** The topic is somebody else's: created where it is missing, left as it is (partitions, cleanup) where it exists. */
  readonly foreign?: boolean;
}

/** How far one group has come in one partition. */
export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The offset the group processes next. */
  readonly committedOffset: number;
  /** The offset the log gives to the next record. */
  readonly endOffset: number;
}

/**
 * The partitioned, durable log (Kafka; a SQLite file). Records keep their order within a partition and their
 * offsets never change. One log object belongs to one owner; several may be open on the same storage.
 */
export interface Log extends TransactionalLog, AsyncDisposable {
  /** Creates what is missing; changes retention of what exists. Throws `ARGUMENT_INVALID` on another partition count. */
  declareTopics(topics: readonly TopicDeclaration[]): Promise<void>;
  /**
   * The records of the topics' partitions assigned to this member of the group, from the group's committed
   * offsets (at first: the oldest record). Partitions are shared out among the group's open sources and move
   * when one opens or closes. Sees committed records only.
   */
  source(options: { readonly group: string; readonly topics: readonly string[] }): Promise<Source>;
  /** Commits records durably outside any group: relay-less producers, tests, dead letters. Returns the first offset. */
  append(topic: string, partition: number, batch: Buffer): Promise<number>;
  /** Whole stored batches from `fromOffset` on, at most `maxBytes` (at least one batch if there is any). */
  read(topic: string, partition: number, fromOffset: number, maxBytes: number): Promise<readonly Buffer[]>;
  /** The offset that the next record of the partition will have. */
  endOffset(topic: string, partition: number): Promise<number>;
  /** When the stored batch that holds this offset was committed, milliseconds since the epoch; null where it is gone. */
  appendedAtMs(topic: string, partition: number, offset: number): Promise<number | null>;
  /** Of every group that ever committed. */
  lag(): Promise<readonly PartitionLag[]>;
  /** Resolves when something may have been committed to one of the topics since the call, or after `maxWaitMs`. */
  changed(topics: readonly string[], maxWaitMs: number, signal: AbortSignal): Promise<void>;
  /** Applies retention now. The owner calls it now and then. */
  applyRetention(): Promise<void>;
}
