import type { Source } from '../streams/source.ts';

/** What became of one published batch. */
export interface PublishReceipt {
  /** Records that are new. */
  readonly stored: number;
  /** Records whose message id was published before, within the duplicate window: already durable. */
  readonly duplicates: number;
}

export interface MessagingOptions {
  /** How long a message id is remembered. */
  readonly duplicateWindowMs: number;
  /**
   * Oldest messages go once the stream holds more or they are older, but none that a consumer has yet to
   * process: a stream full of those refuses publishes (`NOT_DURABLE_NOW`).
   */
  readonly retentionBytes: number;
  readonly retentionMs: number;
}

/**
 * The durable door between agents and the log (NATS JetStream; a SQLite file). Records carry their
 * message id, an event's `eventId`, in the header `eventid`.
 */
export interface Messaging extends AsyncDisposable {
  /**
   * Stores the records of a sealed batch. Resolves when each is durable (synced to disk): only then may a
   * sender be told so. Called concurrently; calls that meet are committed together. Throws a retryable
   * `NOT_DURABLE_NOW` where the storage is full or away: nothing of the batch was stored then, or it was and
   * the same publish again counts it as duplicate. Once it has resolved nobody looks at the batch's memory any more.
   */
  publish(batch: Buffer): Promise<PublishReceipt>;
  /**
   * A durable consumer of the whole stream, partition 0, from its first unacknowledged message. One reader at
   * a time for a name. Batches have no `position`: they are acked. Acks may come in any order; the durable
   * floor never passes an unacknowledged batch. A nacked batch and all after it are delivered again, as is
   * whatever was not acked before a restart.
   */
  consume(consumer: string): Promise<Source>;
  /** Everything the stream still holds, oldest first, as record batches: what was accepted. For `verify`. */
  readAll(): AsyncIterable<Buffer>;
  /** The oldest retained and the next sequence, and each consumer's floor. */
  status(): Promise<MessagingStatus>;
}

export interface MessagingStatus {
  readonly firstSequence: number;
  readonly nextSequence: number;
  /** Consumer name to the sequence it processes next. */
  readonly consumers: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
}
