import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { checkBatch } from '../../streams/record-batch.ts';
import type { Source } from '../../streams/source.ts';
import type { Transaction } from '../../streams/transaction.ts';
import type { Log, PartitionLag } from '../log.ts';
import { ChangeWatch } from './change-watch.ts';
import type { KafkaClient } from './client.ts';
import { groupLag } from './group-lag.ts';
import { LogGroups } from './log-groups.ts';
import { LogReads } from './log-reads.ts';
import { LogTopics } from './log-topics.ts';
import { LogTransaction } from './log-transaction.ts';
import { ProducersInTurn } from './producers-in-turn.ts';
import { TransactionLane } from './transaction-lane.ts';

export interface KafkaLogOptions {
  /** How the brokers are spoken to; the log closes it. */
  readonly client: KafkaClient;
  readonly clock: Clock;
  /**
   * Names this process among all that are open on the brokers: its transactions run under it. Unique at any time;
   * one that a restarted process keeps ends at once what the killed one left open, and takes its partitions.
   */
  readonly instance: string;
  /** Set before every name on the brokers: topics, groups, transactions. */
  readonly prefix?: string;
  /** Copies of each topic that is created. */
  readonly replication?: number;
  /** How long the brokers keep a dead process's transaction open; readers of what it wrote wait so long. */
  readonly transactionTimeoutMs?: number;
  /** Reading gives up after so long without progress: longer than a transaction may stay open. */
  readonly readTimeoutMs?: number;
}

const defaults = { prefix: '', replication: 1, transactionTimeoutMs: 10_000, readTimeoutMs: 30_000 };

/**
 * The log on Apache Kafka 4: a transaction of the log is one of Kafka (KIP-98), whose consumed offsets carry the
 * group's member and generation (KIP-447), and commits that meet share one. A fault that passes is a retryable
 * `STORE_UNAVAILABLE`. The brokers apply retention and compaction, in their own time.
 */
export async function createKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const log = new KafkaLog(options);
  try {
    await log.open();
  } catch (error) {
    await log[Symbol.asyncDispose]();
    throw error;
  }
  return log;
}

class KafkaLog implements Log {
  readonly #client: KafkaClient;
  readonly #prefix: string;
  readonly #topics: LogTopics;
  readonly #groups: LogGroups;
  readonly #reads: LogReads;
  readonly #watch: ChangeWatch;
  readonly #lane: TransactionLane;
  readonly #writing = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: KafkaLogOptions) {
    const { client, clock, instance } = options;
    const { prefix, replication, transactionTimeoutMs, readTimeoutMs } = { ...defaults, ...options };
    this.#client = client;
    this.#prefix = prefix;
    this.#topics = new LogTopics({ client, prefix, replication });
    this.#groups = new LogGroups({
      client,
      clock,
      prefix,
      instance,
      nameOf: (topic) => this.#topics.nameOf(topic),
    });
    this.#reads = new LogReads({ client, clock, timeoutMs: readTimeoutMs });
    this.#watch = new ChangeWatch({ clock, client, placesOf: (topic) => this.#topics.places(topic) });
    const ids = [`${prefix}${instance}`, `${prefix}${instance}~2`];
    this.#lane = new TransactionLane(() =>
      ProducersInTurn.open(ids.map((id) => client.producer(id, transactionTimeoutMs))),
    );
  }

  async open(): Promise<void> {
    await this.#topics.refresh();
  }

  async declareTopics(...[topics]: Parameters<Log['declareTopics']>): Promise<void> {
    this.#checkOpen();
    await this.#topics.declare(topics);
  }

  partitionCount(topic: string): number {
    return this.#topics.partitionCount(topic);
  }

  async source({ group, topics }: Parameters<Log['source']>[0]): Promise<Source> {
    this.#checkOpen();
    await this.#know(topics);
    for (const topic of topics) this.#topics.partitionCount(topic);
    const [source] = await Promise.all([this.#groups.join(group, topics), this.#lane.ready()]);
    return source;
  }

  begin(): Transaction {
    return new LogTransaction({
      place: (topic, partition) => this.#topics.place(topic, partition),
      groups: this.#groups,
      commit: async (work) => {
        this.#checkOpen();
        await this.#write(this.#lane.commit(work));
      },
    });
  }

  async append(topic: string, partition: number, batch: Buffer): Promise<number> {
    this.#checkOpen();
    const bytes = Buffer.from(batch);
    checkBatch(bytes);
    const append = async (): Promise<number> =>
      this.#client.append({ ...(await this.#place(topic, partition)), batch: bytes });
    return this.#write(append());
  }

  async read(topic: string, partition: number, fromOffset: number, maxBytes: number) {
    this.#checkOpen();
    return this.#reads.page(await this.#place(topic, partition), fromOffset, maxBytes);
  }

  async *readAll(topic: string, partition: number, fromOffset = 0): AsyncIterable<Buffer> {
    this.#checkOpen();
    yield* this.#reads.all(await this.#place(topic, partition), fromOffset);
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    this.#checkOpen();
    return this.#reads.endOffset(await this.#place(topic, partition));
  }

  async appendedAtMs(topic: string, partition: number, offset: number): Promise<number | null> {
    this.#checkOpen();
    return this.#reads.appendedAtMs(await this.#place(topic, partition), offset);
  }

  async lag(): Promise<readonly PartitionLag[]> {
    this.#checkOpen();
    return groupLag(this.#client, this.#prefix);
  }

  async changed(topics: readonly string[], maxWaitMs: number, signal: AbortSignal): Promise<void> {
    await this.#watch.wait(topics, maxWaitMs, signal);
  }

  /** The brokers do it. */
  async applyRetention(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await this.#groups.close();
    await Promise.all([this.#watch.close(), this.#reads.close(), this.#lane.close()]);
    await this.#client[Symbol.asyncDispose]();
  }

  async #write<T>(writing: Promise<T>): Promise<T> {
    this.#writing.add(writing);
    try {
      const result = await writing;
      this.#watch.notify();
      return result;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #place(topic: string, partition: number) {
    await this.#know([topic]);
    return this.#topics.place(topic, partition);
  }

  /** Another process may have declared it since. */
  async #know(topics: readonly string[]): Promise<void> {
    if (!topics.every((topic) => this.#topics.has(topic))) await this.#topics.refresh();
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new OpenFrameError('STORE_UNAVAILABLE', 'The log on Kafka was closed: open it again.');
  }
}
