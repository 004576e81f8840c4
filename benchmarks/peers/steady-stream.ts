import { setTimeout as pause } from 'node:timers/promises';

import type { KafkaClient, PlaceOffset } from '../../brokers/kafka/client.ts';
import type { Log } from '../../brokers/log.ts';
import { partitionOf } from '../../streams/partitioner.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { duplicateShare, eventNumber, jobEvent } from './events.ts';
import { jobTopics, partitions } from './job.ts';

const tickMs = 5;
const fetchBytes = 4 * 1024 * 1024;
const fetchWaitMs = 500;

/** Milliseconds since the epoch, with fractions, of a clock that does not jump. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Offers the job's events at a constant rate, whatever becomes of them. An event's own time is when it was due. */
export class SteadyWriter implements AsyncDisposable {
  /** When each new event was due, by its number less the first one's. */
  readonly dueMs: number[] = [];
  /** How late the generator itself was at worst. */
  behindMs = 0;
  readonly #log: Log;
  readonly #ratePerSecond: number;
  readonly #firstIndex: number;
  readonly #random;
  readonly #lanes: Lane[];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** `firstIndex` is the number of the first event: those before it are in the topic already. */
  constructor(log: Log, ratePerSecond: number, firstIndex: number, seed: number) {
    this.#log = log;
    this.#ratePerSecond = ratePerSecond;
    this.#firstIndex = firstIndex;
    this.#random = createRandom(seed);
    this.#lanes = Array.from({ length: partitions }, () => ({ filling: new RecordBatchBuilder() }));
    this.#running = this.#run();
  }

  /** Ends it when what was due is written. Throws what kept it from writing. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    for (const lane of this.#lanes) while (lane.writing !== undefined) await lane.writing;
    const failed = this.#lanes.find(({ fault }) => fault !== undefined);
    if (failed !== undefined) throw failed.fault;
  }

  /** Ends it, whether or not what was due can be written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const startMs = nowMs();
    let [offered, last] = [0, { key: '', value: '' }];
    while (!this.#stopping.signal.aborted) {
      const now = nowMs();
      const due = Math.floor(((now - startMs) / 1000) * this.#ratePerSecond);
      for (; offered < due; offered++) {
        const dueMs = startMs + (offered * 1000) / this.#ratePerSecond;
        this.behindMs = Math.max(this.behindMs, now - dueMs - tickMs);
        if (this.dueMs.length === 0 || this.#random.next() >= duplicateShare) {
          last = jobEvent(this.#firstIndex + this.dueMs.length, Math.round(dueMs), this.#random);
          this.dueMs.push(dueMs);
        }
        const partition = partitionOf(Buffer.from(last.key), partitions);
        this.#lanes[partition]?.filling.appendRecord({ ...last, timestampMs: Math.round(dueMs) });
      }
      this.#lanes.forEach((lane, partition) => this.#write(lane, partition));
      await pause(tickMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** One request a partition at a time: what comes meanwhile goes with the next. */
  #write(lane: Lane, partition: number): void {
    if (lane.writing !== undefined || lane.filling.count === 0 || lane.fault !== undefined) return;
    lane.writing = this.#log
      .append(jobTopics.events, partition, lane.filling.finish())
      .catch((error: unknown) => {
        lane.fault = error;
      })
      .then(() => {
        lane.writing = undefined;
        this.#write(lane, partition);
      });
  }
}

interface Lane {
  readonly filling: RecordBatchBuilder;
  writing?: Promise<void> | undefined;
  fault?: unknown;
}

/** Reads committed outputs as they come, and when: once for each event, by its number. */
export class SteadyReader implements AsyncDisposable {
  /** When the first output of each event was seen. */
  readonly seenMs: (number | undefined)[] = [];
  outputs = 0;
  readonly #client: KafkaClient;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #found = 0;
  #fault: Error | undefined;

  constructor(client: KafkaClient, prefix: string) {
    this.#client = client;
    this.#running = this.#run(prefix + jobTopics.out).catch((error: unknown) => {
      this.#fault = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Events of which an output was seen. Throws what keeps it from reading on. */
  get found(): number {
    if (this.#fault !== undefined) throw this.#fault;
    return this.#found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(topic: string): Promise<void> {
    await using reader = this.#client.reader();
    const cursor = new RecordCursor();
    const { signal } = this.#stopping;
    let from: PlaceOffset[] = Array.from({ length: partitions }, (_, partition) => ({
      topic,
      partition,
      offset: 0,
    }));
    while (!signal.aborted) {
      const found = await reader.fetch(from, { maxWaitMs: fetchWaitMs, maxBytes: fetchBytes, signal });
      const now = nowMs();
      for (const { partition, batches, nextOffset } of found) {
        const offset = from[partition]?.offset ?? 0;
        for (const batch of batches) this.#take(cursor, batch, offset, now);
        from = from.map((place) =>
          place.partition === partition ? { ...place, offset: nextOffset } : place,
        );
      }
    }
  }

  /** A batch may begin below what was asked for. */
  #take(cursor: RecordCursor, batch: Buffer, fromOffset: number, now: number): void {
    cursor.reset(batch);
    while (cursor.next()) {
      if (cursor.offset < fromOffset) continue;
      this.outputs++;
      const index = eventNumber(cursor.value()?.toString('latin1') ?? '');
      if (index < 0 || this.seenMs[index] !== undefined) continue;
      this.seenMs[index] = now;
      this.#found++;
    }
  }
}
