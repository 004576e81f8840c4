import { OpenFrameError } from '../../contracts/errors.ts';
import type { MemoryLog, StoredBatch } from '../memory-log.ts';
import type { Random } from '../random.ts';
import type { Batch, ReadOptions, Source } from '../source.ts';
import type { Clock } from '../clock.ts';
import type { Life, Scheduler } from './scheduler.ts';

export interface SimulatedSourceDeps {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log: MemoryLog;
  readonly group: string;
  readonly topic: string;
  /** Told of each advance of the group's offset by `ack`. */
  readonly onConsumed: (consumed: Consumed) => void;
}

/** Records `[from, to)` of a partition that a group says it is done with. */
export interface Consumed {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

interface Reading {
  readonly generation: number;
  readonly revoked: AbortController;
  nextOffset: number;
  /** Acked batches beyond the committed offset: first to next offset. Another map once they are read again. */
  acked: Map<number, number>;
}

/** A member of a group on the simulated log: what it is assigned, it finds out when it fetches. */
export class SimulatedSource implements Source {
  readonly name: string;
  readonly #deps: SimulatedSourceDeps;
  readonly #clock: Clock;
  readonly #readings = new Map<number, Reading>();

  constructor(deps: SimulatedSourceDeps) {
    this.#deps = deps;
    this.name = deps.topic;
    this.#clock = deps.scheduler.clockOf(deps.life);
  }

  async *read({ maxRecords, maxWaitMs, signal }: ReadOptions): AsyncGenerator<Batch | null> {
    const { life, scheduler, topic, group } = this.#deps;
    for (const [partition, reading] of this.#readings) this.#rewind(partition, reading);
    while (!signal.aborted) {
      const fetch = (): Batch | null => this.#fetch(maxRecords);
      const batch = await scheduler.request(life, `${group} fetch ${topic}`, fetch, { repeatable: false });
      if (batch === null) await this.#clock.sleep(maxWaitMs, signal);
      yield batch;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #fetch(maxRecords: number): Batch | null {
    const { log, topic, random } = this.#deps;
    const partitions = log.partitionCount(topic);
    const first = random.below(partitions);
    for (let i = 0; i < partitions; i++) {
      const partition = (first + i) % partitions;
      const reading = this.#readingOf(partition);
      if (reading === null) continue;
      const limit = 1 + random.below(maxRecords);
      const taken = log.take(topic, partition, reading.nextOffset, limit);
      if (taken.length > 0) return this.#batchOf(partition, reading, taken);
    }
    return null;
  }

  #readingOf(partition: number): Reading | null {
    const { log, group, topic, life } = this.#deps;
    const assignment = log.assignment(group, topic, partition);
    const known = this.#readings.get(partition);
    if (assignment?.member === life.name && assignment.generation === known?.generation) return known;
    known?.revoked.abort();
    this.#readings.delete(partition);
    if (assignment?.member !== life.name) return null;
    const { generation } = assignment;
    const nextOffset = this.#committed(partition);
    const reading = { generation, revoked: new AbortController(), nextOffset, acked: new Map() };
    this.#readings.set(partition, reading);
    return reading;
  }

  #batchOf(partition: number, reading: Reading, taken: readonly StoredBatch[]): Batch {
    const { log, group, topic, life, scheduler, random } = this.#deps;
    const firstOffset = reading.nextOffset;
    const nextOffset = taken.at(-1)?.nextOffset ?? firstOffset;
    reading.nextOffset = nextOffset;
    const position = { group, topic, partition, nextOffset, generation: reading.generation };
    const { acked } = reading;
    const where = `${group} ${topic}/${partition} [${firstOffset}, ${nextOffset})`;
    const before = random.below(4) === 0 ? log.take(topic, partition, firstOffset - 1, 1).slice(0, 1) : [];
    const bytes = [...before.filter((b) => b.nextOffset <= firstOffset), ...taken].map((b) => b.bytes);
    return {
      topic,
      partition,
      bytes: Buffer.concat(bytes),
      count: taken.reduce((sum, stored) => sum + stored.count, 0),
      firstOffset,
      nextOffset,
      position,
      revoked: reading.revoked.signal,
      ack: () =>
        scheduler.request(life, `ack ${where}`, () => {
          log.checkAssigned(position);
          if (reading.acked !== acked) throw givenBack(where);
          acked.set(firstOffset, nextOffset);
          this.#advance(partition, reading);
        }),
      nack: () =>
        scheduler.request(life, `nack ${where}`, () => this.#rewind(partition, reading), {
          repeatable: false,
        }),
    };
  }

  /** Everything that is not committed comes again; acks of what was delivered before no longer count. */
  #rewind(partition: number, reading: Reading): void {
    reading.nextOffset = this.#committed(partition);
    reading.acked = new Map();
  }

  /** The committed offset moves over acked batches, up to the first that is not. */
  #advance(partition: number, reading: Reading): void {
    const { log, group, topic, onConsumed } = this.#deps;
    const from = this.#committed(partition);
    let to = from;
    for (let next = reading.acked.get(to); next !== undefined && next > to; next = reading.acked.get(to))
      to = next;
    if (to === from) return;
    log.setCommitted({ group, topic, partition, nextOffset: to, generation: reading.generation });
    onConsumed({ group, topic, partition, from, to });
  }

  #committed(partition: number): number {
    const { log, group, topic } = this.#deps;
    return log.committedOffset(group, topic, partition);
  }
}

function givenBack(where: string): OpenFrameError {
  return new OpenFrameError(
    'BATCH_REVOKED',
    `${where} was given back since it was read: it is delivered again.`,
  );
}
