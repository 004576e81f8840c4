import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { RecordInput } from './record-batch.ts';
import type { Field, FieldDeclaration, RecordView, StreamRecord } from './record.ts';

/** What a stage decides about one record: data, not control flow. */
export type Outcome =
  | { readonly kind: 'emit' }
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'dead-letter'; readonly reason: string; readonly cause?: unknown };

/** The record goes on to the next stage. */
export const emit: Outcome = { kind: 'emit' };

/** The record ends here, counted under `reason`. Create each outcome once, not once a record. */
export const drop = (reason: string): Outcome => ({ kind: 'drop', reason });

/** The record cannot be processed: it is kept with its bytes, the stage and the reason. */
export const deadLetter = (reason: string, cause?: unknown): Outcome => ({
  kind: 'dead-letter',
  reason,
  ...(cause === undefined ? {} : { cause }),
});

/**
 * A record that a stage makes itself (a closed window, a raised alert): it enters at the next stage once the
 * record in hand has passed. Fields that the source carries in headers or as the value become those again.
 */
export interface DerivedRecord {
  readonly key: string;
  readonly eventTimeMs: number;
  readonly fields: Readonly<Record<string, string | number | Uint8Array>>;
}

/** What a stage is given when a partition is assigned, before the partition's first record. */
export interface StageOpening {
  readonly partition: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The place of a field the stage declared in `reads` or `adds`. Throws `TOPOLOGY_INVALID` for another. */
  field(name: string): Field;
  /** Sends a derived record to the stages behind this one, in the transaction of the batch being processed. */
  emit(record: DerivedRecord): void;
  /**
   * Says, from within `process`, who sent the record at hand, so that a sender whose records cannot be processed is
   * judged apart from the others. The last word about a record counts.
   */
  sentBy(sender: string): void;
}

/**
 * One step of a topology. It says what it reads and adds, so that a topology can be checked and drawn, and
 * so that records stay bytes unless a stage needs more.
 */
export interface Stage {
  /** A verb, unique in the topology: it names metrics and dead letters. */
  readonly name: string;
  readonly reads: readonly string[];
  readonly adds: readonly FieldDeclaration[];
  /** Where the stage's state is kept, if it has any. Written in the transaction of the outputs it caused. */
  readonly changelog?: Changelog;
  /** Called once for each partition assigned. State never leaves a partition. */
  open(opening: StageOpening): StageTask;
}

export interface Changelog {
  readonly topic: string;
  /** `compact` keeps the last record of each key; `delete` keeps all for `retentionMs`. */
  readonly cleanup: 'compact' | 'delete';
  readonly retentionMs?: number;
  /** Number of the format in which the state's values are written: 1 where it is left out. */
  readonly format?: number;
  /**
   * The highest format that `restore` understands: that which is written, where it is left out. A record of a higher one
   * was written by a newer version, and ends the start (`DATA_FOLDER_TOO_NEW`); `restore` is given all others, and tells
   * them apart by `stateFormatOf`. A version that begins a format must follow one that reads it already and writes the
   * one before: then one may go back to that, while several versions run side by side.
   */
  readonly reads?: number;
}

/** A stage at work on one partition. Discarded, with its state, when a commit fails or the partition goes. */
export interface StageTask {
  /**
   * Called once before the records of a batch where a stage must look things up elsewhere: fetch for the
   * whole batch here, so that `process` stays synchronous. Sees the records as they came in, before any stage,
   * and may go through them once. A retryable error repeats the whole batch after a pause; any other stops the run.
   */
  prepare?(records: Iterable<RecordView>): Promise<void>;
  /**
   * Called for each record in order. Throwing a retryable error repeats the whole batch after a pause;
   * anything else thrown dead-letters this record alone. A stage therefore throws before it changes its state:
   * what it changed, and what earlier stages derived, stays.
   */
  process(record: RecordView): Outcome;
  /**
   * Called after a batch, and when none comes, when event time of this partition is known to have passed
   * `watermarkMs`: close windows here. It never goes back while the task lives; a new task starts without one.
   * Throwing stops the run.
   */
  onWatermark?(watermarkMs: number): void;
  /**
   * Called once before each commit: what changed since the last call, for the changelog. The records are copied before
   * the next record is processed.
   */
  changes?(): readonly RecordInput[];
  /** Called for each record of the changelog, oldest first, before the partition's first record. */
  restore?(record: StreamRecord): void;
  /** How many entries the state holds, such as ids; asked once after `restore`. Default: the records restored. */
  entries?(): number;
}
