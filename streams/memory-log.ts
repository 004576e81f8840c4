import { OpenFrameError } from '../contracts/errors.ts';
import { offsetSpan, recordCount, setBaseOffset } from './record-batch.ts';
import type { ConsumedPosition } from './source.ts';

export interface MemoryTopic {
  readonly name: string;
  readonly partitions: number;
}

/** One sealed batch as the log holds it. */
export interface StoredBatch {
  readonly bytes: Buffer;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly count: number;
}

/** Records that a transaction writes. */
export interface StagedAppend {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

/** A partition that a member of a group reads. Ends, and is aborted, when the partition is given away. */
export interface MemoryAssignment {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  readonly member: string;
}

/**
 * What a partitioned log with groups and transactions holds, and its rules, without any I/O: each call takes
 * effect at once. The test driver and the simulation put time and faults around it.
 */
export class MemoryLog {
  readonly #partitions = new Map<string, StoredBatch[][]>();
  readonly #committed = new Map<string, number>();
  readonly #assignments = new Map<string, MemoryAssignment>();
  readonly #generations = new Map<string, number>();
  readonly #onAppend: (topic: string, partition: number, stored: StoredBatch) => void;

  constructor(
    topics: readonly MemoryTopic[],
    onAppend: (topic: string, partition: number, stored: StoredBatch) => void = () => {},
  ) {
    this.#onAppend = onAppend;
    for (const { name, partitions } of topics) {
      this.#partitions.set(
        name,
        Array.from({ length: partitions }, () => []),
      );
    }
  }

  partitionCount(topic: string): number {
    return this.#topic(topic).length;
  }

  /** The committed batches of a partition, oldest first. */
  batches(topic: string, partition: number): readonly StoredBatch[] {
    return this.#partition(topic, partition);
  }

  endOffset(topic: string, partition: number): number {
    return this.#partition(topic, partition).at(-1)?.nextOffset ?? 0;
  }

  /** Whole stored batches from `fromOffset` on: at least one if there is any, and no more than `maxRecords` beyond. */
  take(topic: string, partition: number, fromOffset: number, maxRecords: number): StoredBatch[] {
    const taken: StoredBatch[] = [];
    let count = 0;
    for (const stored of this.#partition(topic, partition)) {
      if (stored.nextOffset <= fromOffset) continue;
      if (taken.length > 0 && count + stored.count > maxRecords) break;
      taken.push(stored);
      count += stored.count;
    }
    return taken;
  }

  committedOffset(group: string, topic: string, partition: number): number {
    return this.#committed.get(placeOf(group, topic, partition)) ?? 0;
  }

  append(topic: string, partition: number, batch: Buffer): void {
    const stored = this.#partition(topic, partition);
    const bytes = Buffer.from(batch);
    const firstOffset = this.endOffset(topic, partition);
    setBaseOffset(bytes, firstOffset);
    const nextOffset = firstOffset + offsetSpan(bytes);
    const added = { bytes, firstOffset, nextOffset, count: recordCount(bytes) };
    stored.push(added);
    this.#onAppend(topic, partition, added);
  }

  /** All of it or, where a position's assignment has ended (`BATCH_REVOKED`), nothing. */
  commit(appends: readonly StagedAppend[], consumed: readonly ConsumedPosition[]): void {
    for (const position of consumed) this.checkAssigned(position);
    for (const { topic, partition, batch } of appends) this.append(topic, partition, batch);
    for (const position of consumed) this.setCommitted(position);
  }

  /** Throws `BATCH_REVOKED` where the position was read under an assignment that has ended. */
  checkAssigned(position: ConsumedPosition): void {
    const { group, topic, partition, generation } = position;
    if (this.#assignments.get(placeOf(group, topic, partition))?.generation === generation) return;
    throw new OpenFrameError(
      'BATCH_REVOKED',
      `Partition ${partition} of '${topic}' moved on in the group '${group}': its new reader processes the batch.`,
    );
  }

  setCommitted({ group, topic, partition, nextOffset }: ConsumedPosition): void {
    this.#committed.set(placeOf(group, topic, partition), nextOffset);
  }

  /** Gives a partition to a member, under a new generation: whoever had it before has it no longer. */
  assign(group: string, topic: string, partition: number, member: string): MemoryAssignment {
    const place = placeOf(group, topic, partition);
    const generation = (this.#generations.get(place) ?? 0) + 1;
    this.#generations.set(place, generation);
    const assignment = { group, topic, partition, generation, member };
    this.#assignments.set(place, assignment);
    return assignment;
  }

  assignment(group: string, topic: string, partition: number): MemoryAssignment | undefined {
    return this.#assignments.get(placeOf(group, topic, partition));
  }

  /** Replaces a partition's batches by others that hold the same offsets: what compaction does. */
  replace(topic: string, partition: number, batches: StoredBatch[]): void {
    this.#topic(topic)[partition] = batches;
  }

  #topic(topic: string): StoredBatch[][] {
    const found = this.#partitions.get(topic);
    if (found !== undefined) return found;
    throw new OpenFrameError('ARGUMENT_INVALID', `There is no topic '${topic}': declare it first.`);
  }

  #partition(topic: string, partition: number): StoredBatch[] {
    const found = this.#topic(topic)[partition];
    if (found !== undefined) return found;
    throw new OpenFrameError('ARGUMENT_INVALID', `The topic '${topic}' has no partition ${partition}.`);
  }
}

function placeOf(group: string, topic: string, partition: number): string {
  return `${group} ${topic} ${partition}`;
}
