import { headers } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import { recordCount } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { SealedBatches } from '../../streams/sealed-batches.ts';
import type { RejectedRecord, SinkBatch } from '../../streams/sink.ts';
import { type EnrichedMembers, readEnriched } from './enriched-record.ts';
import type { Offsets, PinotProgress } from './progress.ts';
import { completionOf, deviceNameOf, samplesOf } from './side-records.ts';

/** The topics beside the enriched one, which this writer alone fills. */
export const sideTopics = ['samples', 'deviceNames', 'completions'] as const;
export type SideTopic = (typeof sideTopics)[number];

/** Appends one record batch durably and gives the offset of its first record. */
export type AppendSide = (topic: SideTopic, partition: number, batch: Buffer) => Promise<number>;

export interface WriterDeps {
  readonly append: AppendSide;
  readonly progress: PinotProgress;
  readonly clock: Clock;
}

/** What one write has found in a partition. */
interface PartitionPart {
  readonly partition: number;
  readonly side: Readonly<Record<SideTopic, SealedBatches>>;
  /** Behind its last record; undefined where it has none. */
  endOffset: number | undefined;
}

const batchBytes = 64 * 1024;

/**
 * `Analytics.write` on Pinot. Events are read by Pinot itself, so they are confirmed here and not sent; what it
 * cannot read from them goes to the topics beside. Pinot dedups all by key, so the same records again change nothing.
 */
export class AnalyticsWriter {
  readonly #deps: WriterDeps;
  /** By partition: below it this process has filled the topics beside. A repeated write need not do it again. */
  readonly #filled = new Map<number, number>();

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  async write(batches: readonly SinkBatch[], signal: AbortSignal): Promise<readonly RejectedRecord[]> {
    signal.throwIfAborted();
    const rejected: RejectedRecord[] = [];
    const parts = new Map<number, PartitionPart>();
    for (const batch of batches) this.#read(batch, partOf(parts, batch.partition), rejected);
    const events = new Map<number, number>();
    for (const { partition, endOffset } of parts.values()) {
      if (endOffset !== undefined) events.set(partition, endOffset);
    }
    const appended = await Promise.all(
      sideTopics.map(async (topic) => [topic, await this.#append(topic, parts)] as const),
    );
    for (const [partition, offset] of events) {
      this.#filled.set(partition, Math.max(offset, this.#filled.get(partition) ?? 0));
    }
    const { progress } = this.#deps;
    await Promise.all([
      progress.reach('events', events, signal),
      ...appended.map(([topic, offsets]) => progress.reach(topic, offsets, signal)),
    ]);
    return rejected;
  }

  #read(batch: SinkBatch, part: PartitionPart, rejected: RejectedRecord[]): void {
    const cursor = new RecordCursor();
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      if (cursor.offset < batch.firstOffset) continue;
      part.endOffset = Math.max(cursor.offset + 1, part.endOffset ?? 0);
      const value = cursor.value();
      if (value === null) continue;
      const read = readEnriched(value);
      if ('reason' in read) rejected.push({ partition: batch.partition, offset: cursor.offset, ...read });
      else if (cursor.offset >= (this.#filled.get(batch.partition) ?? 0)) {
        this.#fill(part, read.event, cursor.headers());
      }
    }
  }

  #fill(part: PartitionPart, event: EnrichedMembers, marks: Readonly<Record<string, string>>): void {
    const add = (topic: SideTopic, row: object): void => {
      const key = `${String(event.tenantId)}:${String(event.deviceId)}`;
      const timestampMs = this.#deps.clock.nowMs();
      part.side[topic].appendRecord({ key, value: JSON.stringify(row), timestampMs });
    };
    for (const row of samplesOf(event)) add('samples', row);
    const name = marks[headers.backfill] === 'true' ? deviceNameOf(event) : undefined;
    if (name !== undefined) add('deviceNames', name);
    const completion = marks[headers.completes] === 'true' ? completionOf(event) : undefined;
    if (completion !== undefined) add('completions', completion);
  }

  /** Gives the end of what was appended. */
  async #append(topic: SideTopic, parts: ReadonlyMap<number, PartitionPart>): Promise<Offsets> {
    const ends = new Map<number, number>();
    const append = async ({ partition, side }: PartitionPart): Promise<void> => {
      for (const batch of side[topic].take()) {
        ends.set(partition, (await this.#deps.append(topic, partition, batch)) + recordCount(batch));
      }
    };
    await Promise.all([...parts.values()].map(append));
    return ends;
  }
}

function partOf(parts: Map<number, PartitionPart>, partition: number): PartitionPart {
  const found = parts.get(partition);
  if (found !== undefined) return found;
  const side = {
    samples: new SealedBatches(batchBytes),
    deviceNames: new SealedBatches(batchBytes),
    completions: new SealedBatches(batchBytes),
  };
  const part: PartitionPart = { partition, side, endOffset: undefined };
  parts.set(partition, part);
  return part;
}
