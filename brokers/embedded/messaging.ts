import { randomInt } from 'node:crypto';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Source } from '../../streams/source.ts';
import type { Messaging, MessagingOptions, MessagingStatus, PublishReceipt } from '../messaging.ts';
import { type DatabaseOptions, openDatabase, StorageFaults } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { MessageConsumer } from './message-consumer.ts';
import { MessageStore, messagingSchema, type Publication } from './message-store.ts';

export interface EmbeddedMessagingOptions {
  /** The SQLite file; created where missing. Consumers may have it open in other threads and processes. */
  readonly path: string;
  readonly clock: Clock;
  readonly options: MessagingOptions;
  /** Publishes that come within this time share one sync to disk. */
  readonly groupCommitMs?: number;
  /** How often a waiting consumer asks for publishes of other threads and processes, at most and when idle. */
  readonly pollMs?: number;
  readonly idlePollMs?: number;
  /** A consumer is given no more than about this many records that it has not acked. */
  readonly maxInFlightRecords?: number;
  /** How long a write waits, blocking, for one of another thread or process. */
  readonly busyTimeoutMs?: number;
  /** The file never grows beyond this: publishes that would are refused as on a full disk. */
  readonly maxFileBytes?: number;
}

const readAllPageBytes = 1024 * 1024;

/**
 * The messaging on one SQLite file. A publish is durable against power cuts. An ack outlives the process; a
 * power cut may take back the last ones, whose messages then come again. A message id is remembered for at
 * least the duplicate window and at most twice that. Retention never takes what a consumer has yet to
 * process: a stream that is full of that refuses publishes with a retryable `NOT_DURABLE_NOW`.
 */
export async function createEmbeddedMessaging(options: EmbeddedMessagingOptions): Promise<Messaging> {
  return new EmbeddedMessaging(options);
}

class EmbeddedMessaging implements Messaging {
  readonly #options: EmbeddedMessagingOptions;
  readonly #database: DatabaseOptions;
  readonly #db;
  readonly #store: MessageStore;
  readonly #faults: StorageFaults;
  readonly #publishes: GroupCommit<Publication, PublishReceipt>;
  readonly #consumers = new Set<MessageConsumer>();
  #closed = false;

  constructor(options: EmbeddedMessagingOptions) {
    const { path, clock, groupCommitMs = 2, busyTimeoutMs = 2000, maxFileBytes } = options;
    this.#options = options;
    this.#faults = new StorageFaults(clock);
    this.#database = {
      path,
      schema: messagingSchema,
      durability: 'full',
      busyTimeoutMs,
      ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
    };
    this.#db = openDatabase(this.#database);
    this.#store = new MessageStore({
      db: this.#db,
      options: options.options,
      nowMs: () => clock.nowMs(),
      hashSeed: randomInt(2 ** 32),
    });
    this.#publishes = new GroupCommit(groupCommitMs, (publications) => {
      try {
        return this.#store.write(publications);
      } catch (error) {
        throw this.#faults.of(error, 'NOT_DURABLE_NOW', `Storing messages in ${path} failed`);
      }
    });
  }

  async publish(batch: Buffer): Promise<PublishReceipt> {
    this.#mustBeOpen();
    const receipt = await this.#publishes.submit(this.#store.open(batch));
    if (receipt.stored > 0) for (const consumer of this.#consumers) consumer.wake();
    return receipt;
  }

  async consume(consumer: string): Promise<Source> {
    this.#mustBeOpen();
    const { clock, pollMs = 5, idlePollMs = 20, maxInFlightRecords = 100_000 } = this.#options;
    const db = openDatabase({ ...this.#database, durability: 'normal' });
    let opened: MessageConsumer;
    try {
      opened = new MessageConsumer({ name: consumer, db, clock, pollMs, idlePollMs, maxInFlightRecords });
    } catch (error) {
      db.close();
      throw error;
    }
    for (const other of this.#consumers) if (other.name === consumer) other.revoke();
    this.#consumers.add(opened);
    return opened;
  }

  async *readAll(): AsyncIterable<Buffer> {
    const { lane } = this.#store;
    lane.forget();
    const endOffset = this.#reading(() => lane.endOffset());
    for (let from = 0; from < endOffset;) {
      const page = this.#reading(() => lane.readBytes(from, readAllPageBytes));
      for (const stored of page) yield stored.bytes;
      from = page.at(-1)?.nextOffset ?? endOffset;
    }
  }

  async status(): Promise<MessagingStatus> {
    return this.#reading(() => {
      const { lane } = this.#store;
      lane.forget();
      const rows = this.#db.prepare('SELECT name, floor FROM consumers ORDER BY name').all();
      return {
        firstSequence: lane.firstOffset(),
        nextSequence: lane.endOffset(),
        consumers: Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['floor'])])),
        sizeBytes: lane.sizeBytes(),
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#publishes.flush();
    this.#closed = true;
    for (const consumer of this.#consumers) await consumer[Symbol.asyncDispose]();
    this.#db.close();
  }

  #reading<T>(read: () => T): T {
    this.#mustBeOpen();
    try {
      return read();
    } catch (error) {
      throw this.#faults.of(error, 'STORE_UNAVAILABLE', `Reading messages of ${this.#options.path} failed`);
    }
  }

  #mustBeOpen(): void {
    if (!this.#closed) return;
    const message = `The messaging ${this.#options.path} was closed: open it again.`;
    throw new OpenFrameError('STORE_UNAVAILABLE', message);
  }
}
