import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { ConsumedPosition } from '../../streams/source.ts';
import type { Transaction } from '../../streams/transaction.ts';
import type { Log, PartitionLag } from '../log.ts';
import { ChangeWatch } from './change-watch.ts';
import { inTransaction, openDatabase, StorageFaults } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import type { Lane } from './lane.ts';
import { createLogCommit, type LogWrite, type WrittenOffsets } from './log-commit.ts';
import { groupsSchema, LogGroups } from './log-groups.ts';
import { createLogSource } from './log-source.ts';
import { LogTopics, topicsSchema } from './log-topics.ts';

export interface EmbeddedLogOptions {
  /** The SQLite file; created where missing. Other threads and processes may have it open too. */
  readonly path: string;
  readonly clock: Clock;
  /**
   * `full` (the default): a commit is synced to disk. `normal`: it outlives the process, and a power cut once a
   * later `full` commit to the file was synced: commits are lost from the end only, never out of their order.
   */
  readonly durability?: 'normal' | 'full';
  /**
   * Compressed bytes of a partition's newest batches that its readers share, so that several groups inflate each
   * once. Default 0: worth it only where groups follow each other.
   */
  readonly sharedBytes?: number;
  /** How often a waiting reader asks for commits of other threads and processes, at most and when idle. */
  readonly pollMs?: number;
  readonly idlePollMs?: number;
  /** How long a commit waits, blocking, for one of another thread or process. */
  readonly busyTimeoutMs?: number;
  /** The file never grows beyond this: commits that would are refused as on a full disk. */
  readonly maxFileBytes?: number;
}

/** About as many pipelines share a log, and meet one fault of a disk together. */
const pipelinesOfLog = 8;
const readAllPageBytes = 1024 * 1024;

/**
 * The log on one SQLite file: a transaction of the log is a transaction of SQLite, and commits that
 * meet share one. A storage fault that passes by itself is a retryable `STORE_UNAVAILABLE` and
 * nothing of the commit was stored. Sources of one group share partitions within this object; of two
 * objects with sources of one group on the same topic, the newer source takes it over.
 */
export async function createEmbeddedLog(options: EmbeddedLogOptions): Promise<Log> {
  return new EmbeddedLog(options);
}

class EmbeddedLog implements Log {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #db;
  readonly #topics: LogTopics;
  readonly #faults: StorageFaults;
  readonly #groups: LogGroups;
  readonly #watch: ChangeWatch;
  readonly #commits: GroupCommit<LogWrite, WrittenOffsets>;
  readonly #selectVersion;
  #seenVersion: unknown;
  #closed = false;

  constructor(options: EmbeddedLogOptions) {
    const {
      path,
      clock,
      durability = 'full',
      sharedBytes = 0,
      pollMs = 5,
      idlePollMs = 20,
      busyTimeoutMs = 2000,
      maxFileBytes,
    } = options;
    this.#path = path;
    this.#clock = clock;
    this.#faults = new StorageFaults(clock, pipelinesOfLog);
    this.#db = openDatabase({
      path,
      schema: topicsSchema + groupsSchema,
      durability,
      busyTimeoutMs,
      ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
    });
    this.#selectVersion = this.#db.prepare('PRAGMA data_version');
    this.#topics = new LogTopics(this.#db, () => clock.nowMs(), sharedBytes);
    this.#groups = new LogGroups(this.#db, (topic) => this.partitionCount(topic));
    this.#watch = new ChangeWatch({ clock, pollMs, idlePollMs, poll: () => this.#refresh() });
    const refresh = (): void => void this.#refresh();
    const commit = createLogCommit({ db: this.#db, topics: this.#topics, groups: this.#groups, refresh });
    this.#commits = new GroupCommit(0, (writes) => this.#storing('Committing', () => commit(writes)));
    this.#seenVersion = this.#version();
  }

  async declareTopics(...[topics]: Parameters<Log['declareTopics']>): Promise<void> {
    this.#storing('Declaring topics', () => this.#topics.declare(topics));
  }

  partitionCount(topic: string): number {
    return this.#storing('Reading topics', () => this.#topics.topic(topic).partitions);
  }

  async source({ group, topics }: Parameters<Log['source']>[0]) {
    const member = { group, topics: [...topics] };
    this.#storing(`Joining group ${group}`, () => {
      this.#refresh();
      try {
        this.#groups.join(member);
      } catch (error) {
        this.#groups.leave(member);
        throw error;
      }
    });
    this.#watch.notify();
    return createLogSource({
      member,
      groups: this.#groups,
      watch: this.#watch,
      lane: (topic, partition) => this.#topics.lane(topic, partition),
      commitOffset: async (assignment, generation, nextOffset) => {
        const { topic, partition } = assignment;
        await this.#commit([], [{ group, topic, partition, nextOffset, generation }]);
      },
      refresh: () => void this.#refresh(),
      faults: new StorageFaults(this.#clock),
      leave: () => {
        if (!this.#closed) this.#storing(`Leaving group ${group}`, () => this.#groups.leave(member));
      },
    });
  }

  begin(): Transaction {
    let outputs: LogWrite['outputs'][number][] = [];
    let ended = false;
    return {
      append: (topic, partition, batch) => {
        if (ended) throw new OpenFrameError('ARGUMENT_INVALID', 'The transaction has ended: begin another.');
        outputs.push({ topic, partition, batch });
      },
      commit: async (consumed) => {
        if (ended) throw new OpenFrameError('ARGUMENT_INVALID', 'The transaction has ended: begin another.');
        await this.#commit(outputs, consumed);
        ended = true;
      },
      abort: async () => {
        ended = true;
        outputs = [];
      },
    };
  }

  async append(topic: string, partition: number, batch: Buffer): Promise<number> {
    const [offset = 0] = await this.#commit([{ topic, partition, batch }], []);
    return offset;
  }

  async read(topic: string, partition: number, fromOffset: number, maxBytes: number) {
    const stored = this.#onLane(topic, partition, (lane) => lane.readBytes(fromOffset, maxBytes));
    return stored.map((batch) => batch.bytes);
  }

  async *readAll(topic: string, partition: number, fromOffset = 0): AsyncIterable<Buffer> {
    const endOffset = this.#onLane(topic, partition, (lane) => lane.endOffset());
    for (let from = fromOffset; from < endOffset;) {
      const page = this.#onLane(topic, partition, (lane) => lane.readBytes(from, readAllPageBytes));
      for (const batch of page) yield batch.bytes;
      from = page.at(-1)?.nextOffset ?? endOffset;
    }
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    return this.#onLane(topic, partition, (lane) => lane.endOffset());
  }

  async appendedAtMs(topic: string, partition: number, offset: number): Promise<number | null> {
    return this.#onLane(topic, partition, (lane) => lane.appendedAtMs(offset));
  }

  async lag(): Promise<readonly PartitionLag[]> {
    return this.#storing('Reading lag', () => {
      this.#refresh();
      const rows = this.#db.prepare('SELECT * FROM offsets ORDER BY group_name, topic, partition').all();
      return rows.map((row) => {
        const topic = String(row['topic']);
        const partition = Number(row['partition']);
        const lane = this.#topics.lane(topic, partition);
        const committedOffset = Math.max(Number(row['committed_offset']), lane.firstOffset());
        return {
          group: String(row['group_name']),
          topic,
          partition,
          committedOffset,
          endOffset: lane.endOffset(),
        };
      });
    });
  }

  async changed(_topics: readonly string[], maxWaitMs: number, signal: AbortSignal): Promise<void> {
    await this.#watch.wait(maxWaitMs, signal);
  }

  async applyRetention(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    this.#storing('Applying retention', () => {
      this.#refresh();
      for (const topic of this.#topics.all()) {
        for (let p = 0; p < topic.partitions; p++) {
          const lane = this.#topics.lane(topic.name, p);
          const below = lane.expiredBelow(topic, nowMs);
          if (below > lane.firstOffset()) inTransaction(this.#db, () => lane.removeBelow(below));
        }
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#commits.flush();
    this.#closed = true;
    this.#watch.close();
    this.#db.close();
  }

  async #commit(outputs: LogWrite['outputs'], consumed: readonly ConsumedPosition[]) {
    if (this.#closed) throw this.#closedError();
    for (const { topic, partition } of outputs) {
      this.#storing('Reading topics', () => this.#topics.lane(topic, partition));
    }
    const offsets = await this.#commits.submit({ outputs: [...outputs], consumed });
    if (outputs.length > 0) this.#watch.notify();
    return offsets;
  }

  #onLane<T>(topic: string, partition: number, read: (lane: Lane) => T): T {
    return this.#storing(`Reading partition ${partition} of ${topic}`, () => {
      this.#refresh();
      return read(this.#topics.lane(topic, partition));
    });
  }

  #version(): unknown {
    return this.#selectVersion.get()?.['data_version'];
  }

  /** True where another connection has committed since the last call; then what was remembered is void. */
  #refresh(): boolean {
    if (this.#closed) return false;
    const version = this.#version();
    if (version === this.#seenVersion) return false;
    this.#topics.forget();
    this.#groups.checkEpochs();
    this.#seenVersion = version;
    return true;
  }

  #storing<T>(doing: string, work: () => T): T {
    if (this.#closed) throw this.#closedError();
    try {
      return work();
    } catch (error) {
      throw this.#faults.of(error, 'STORE_UNAVAILABLE', `${doing} on the log ${this.#path} failed`);
    }
  }

  #closedError(): OpenFrameError {
    return new OpenFrameError('STORE_UNAVAILABLE', `The log ${this.#path} was closed: open it again.`);
  }
}
