import { type DeadLetter, deadLetterSchema } from '../contracts/dead-letter.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { recordAt } from './bytes-record.ts';
import type { Clock } from './clock.ts';
import type { DeadLetterLimit } from './dead-letter-guard.ts';
import { DrivenSource } from './driven-source.ts';
import { MemoryLog, type StagedAppend } from './memory-log.ts';
import { partitionOf } from './partitioner.ts';
import { createRandom } from './random.ts';
import { maxTimestampMs, RecordBatchBuilder } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';
import type { StreamRecord } from './record.ts';
import { runTopology } from './run.ts';
import type { Running, RunStatus } from './running.ts';
import type { ConsumedPosition } from './source.ts';
import { changelogsOf, type Topology } from './topology.ts';
import type { TransactionalLog } from './transaction.ts';
import type { WatermarkOptions } from './watermark.ts';

export interface TestDriverOptions {
  /** Stages see records in place in the batch (the default, as in production) or as objects. */
  readonly recordsAs?: 'bytes' | 'objects';
  /** Partitions of every topic; records are spread over them by key. Default 1. */
  readonly partitions?: number;
  /** Where the clock starts. `pipe` moves it on to the newest event time it is given. Default 0. */
  readonly startMs?: number;
  readonly seed?: number;
  readonly watermark?: WatermarkOptions;
  /** Default: none, so that a test may dead-letter everything. */
  readonly deadLetterLimit?: DeadLetterLimit;
  /** At most about this many records a batch. Default 1000. */
  readonly maxRecords?: number;
}

/** A record for `pipe`. */
export interface PipedRecord {
  readonly key: string;
  /** Anything but text, bytes and null is sent as JSON. */
  readonly value: unknown;
  readonly eventTimeMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which of the source's topics it comes by. Default: the first. */
  readonly topic?: string;
}

/** A record that the topology wrote. */
export interface DrivenRecord extends StreamRecord {
  readonly partition: number;
  /** The value parsed; undefined where it is a tombstone or no JSON. */
  readonly json: unknown;
}

/**
 * A topology under test: the production engine over a log in memory, with time in the test's hands. What
 * `pipe` is given has been committed when it resolves, so a test asserts at once and never sleeps.
 */
export interface TestDriver extends AsyncDisposable {
  readonly clock: Clock;
  /** Appends records to their source topics as one batch a partition and processes them. Rejects when the topology stops. */
  pipe(records: readonly PipedRecord[]): Promise<void>;
  /** The same for one sealed record batch, whatever its bytes hold. */
  pipeBytes(batch: Buffer, partition?: number): Promise<void>;
  /** Lets time pass without records: timers and idle partitions notice. */
  advanceTime(ms: number): Promise<void>;
  /** Everything written to the output so far, in the order of the commits. */
  outputs(): DrivenRecord[];
  deadLetters(): DeadLetter[];
  /** Everything written to a changelog so far. */
  changelog(topic: string): DrivenRecord[];
  /** Throws the topology's memory away; what follows runs on state restored from the changelogs. */
  restart(): Promise<void>;
  /** Makes the next commits fail with a retryable error; `lostAnswer`: after they took effect. */
  failCommits(count: number, how?: 'refused' | 'lostAnswer'): void;
  /** Committed counts, by stage too, since the start or the last `restart`. */
  status(): RunStatus;
}

const deadLetterTopic = 'dead-letters';
const group = 'driver';
/** A topology that backs off so often without getting on never will. */
const maxSleeps = 1000;

export function createTestDriver(topology: Topology, options: TestDriverOptions = {}): TestDriver {
  return new Driver(topology, options);
}

class Driver implements TestDriver {
  readonly clock: Clock;
  readonly #topology: Topology;
  readonly #options: TestDriverOptions;
  readonly #log: MemoryLog;
  readonly #written = new Map<string, DrivenRecord[]>();
  readonly #failures: ('refused' | 'lostAnswer')[] = [];
  #source: DrivenSource;
  #running: Running;
  #nowMs: number;
  #sleeps = 0;

  constructor(topology: Topology, options: TestDriverOptions) {
    this.#topology = topology;
    this.#options = options;
    this.#nowMs = options.startMs ?? 0;
    this.clock = { nowMs: () => this.#nowMs, sleep: (ms) => this.#sleep(ms) };
    const changelogs = changelogsOf(topology).map((changelog) => changelog.topic);
    const names = [...topology.source.topics, topology.output.topic, ...changelogs];
    const partitions = options.partitions ?? 1;
    this.#log = new MemoryLog(
      [...names.map((name) => ({ name, partitions })), { name: deadLetterTopic, partitions: 1 }],
      (topic, partition, { bytes }) => this.#keep(topic, partition, bytes),
    );
    [this.#source, this.#running] = this.#start();
  }

  async pipe(records: readonly PipedRecord[]): Promise<void> {
    const partitions = this.#options.partitions ?? 1;
    const builders = new Map<string, { topic: string; partition: number; builder: RecordBatchBuilder }>();
    for (const { key, value, eventTimeMs, headers = {}, topic = this.#firstTopic } of records) {
      const partition = partitionOf(Buffer.from(key), partitions);
      const name = `${topic}/${partition}`;
      const batch = builders.get(name) ?? { topic, partition, builder: new RecordBatchBuilder(4096) };
      builders.set(name, batch);
      batch.builder.appendRecord({ key, value: encoded(value), timestampMs: eventTimeMs, headers });
    }
    for (const { topic, partition, builder } of builders.values()) {
      this.#append(topic, partition, builder.finish());
    }
    await this.#settle();
  }

  async pipeBytes(batch: Buffer, partition = 0): Promise<void> {
    this.#append(this.#firstTopic, partition, batch);
    await this.#settle();
  }

  async advanceTime(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.#source.tick();
    await this.#settle();
  }

  outputs(): DrivenRecord[] {
    return [...(this.#written.get(this.#topology.output.topic) ?? [])];
  }

  deadLetters(): DeadLetter[] {
    const letters = this.#written.get(deadLetterTopic) ?? [];
    return letters.map(({ json }) => deadLetterSchema.parse(json));
  }

  changelog(topic: string): DrivenRecord[] {
    return [...(this.#written.get(topic) ?? [])];
  }

  async restart(): Promise<void> {
    await this.#running.stop();
    [this.#source, this.#running] = this.#start();
    await this.#settle();
  }

  failCommits(count: number, how: 'refused' | 'lostAnswer' = 'refused'): void {
    for (let i = 0; i < count; i++) this.#failures.push(how);
  }

  status(): RunStatus {
    return this.#running.status();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.stop();
  }

  #start(): [DrivenSource, Running] {
    const { seed = 1, watermark, recordsAs = 'bytes', maxRecords = 1000 } = this.#options;
    const source = new DrivenSource(this.#log, group, this.#topology.source.topics, true);
    const running = runTopology(this.#topology, {
      source,
      log: this.#transactions(),
      deadLetterTopic,
      clock: this.clock,
      random: createRandom(seed),
      stopwatchMs: () => 0,
      recordsAs,
      maxRecords,
      deadLetterLimit: this.#options.deadLetterLimit ?? { share: Number.POSITIVE_INFINITY, minRecords: 1 },
      ...(watermark === undefined ? {} : { watermark }),
    });
    return [source, running];
  }

  get #firstTopic(): string {
    const [topic] = this.#topology.source.topics;
    if (topic === undefined) throw new RangeError('the topology reads no topic');
    return topic;
  }

  #append(topic: string, partition: number, batch: Buffer): void {
    this.#nowMs = Math.max(this.#nowMs, maxTimestampMs(batch));
    this.#log.append(topic, partition, batch);
  }

  async #settle(): Promise<void> {
    this.#sleeps = 0;
    if (this.#running.status().state !== 'stopped') {
      const idle = this.#source.idle();
      this.#source.wake();
      await Promise.race([idle, this.#running.done]);
    }
    const { state, reason } = this.#running.status();
    if (state !== 'stopped') return;
    throw new OpenFrameError('INTERNAL', `The topology '${this.#topology.name}' stopped: ${reason}`);
  }

  /** Nothing but the test's own steps takes time, so a pause passes at once. */
  async #sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    if (++this.#sleeps === maxSleeps) this.#running.stop().catch(() => {});
  }

  #transactions(): TransactionalLog {
    const log = this.#log;
    return {
      partitionCount: (topic) => log.partitionCount(topic),
      async *readAll(topic, partition, fromOffset = 0) {
        for (const { bytes } of log.take(topic, partition, fromOffset, Number.MAX_SAFE_INTEGER)) yield bytes;
      },
      begin: () => {
        const staged: StagedAppend[] = [];
        return {
          append: (topic, partition, batch) => void staged.push({ topic, partition, batch }),
          commit: async (consumed) => this.#commit(staged, consumed),
          abort: async () => void staged.splice(0),
        };
      },
    };
  }

  #commit(staged: readonly StagedAppend[], consumed: readonly ConsumedPosition[]): void {
    const failure = this.#failures.shift();
    if (failure !== 'refused') this.#log.commit(staged, consumed);
    if (failure === undefined) return;
    throw new OpenFrameError('STORE_UNAVAILABLE', 'The log is away: try again.', { retryable: true });
  }

  #keep(topic: string, partition: number, bytes: Buffer): void {
    const kept = this.#written.get(topic) ?? [];
    this.#written.set(topic, kept);
    const cursor = new RecordCursor();
    cursor.reset(bytes);
    while (cursor.next()) {
      const record = recordAt(cursor);
      kept.push({ ...record, partition, json: parsed(record.value) });
    }
  }
}

function encoded(value: unknown): string | Uint8Array | null {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value;
  return JSON.stringify(value);
}

function parsed(value: Uint8Array | null): unknown {
  if (value === null) return undefined;
  try {
    return JSON.parse(Buffer.from(value).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
