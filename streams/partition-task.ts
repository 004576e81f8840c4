import { isRetryable } from '../contracts/errors.ts';
import { BytesRecord, recordAt } from './bytes-record.ts';
import type { Clock } from './clock.ts';
import { derivedRecord, jsonOf } from './derived-record.ts';
import { LetterBox } from './letter-box.ts';
import { ObjectRecord } from './object-record.ts';
import type { Random } from './random.ts';
import { RecordCursor } from './record-cursor.ts';
import { RecordOutput } from './record-output.ts';
import { restoreStages } from './restore-stages.ts';
import type { Restored } from './restored.ts';
import type { Field, FieldTable, RecordView, StreamRecord } from './record.ts';
import type { Batch } from './source.ts';
import { SealedBatches } from './sealed-batches.ts';
import { declaredField, knownField } from './stage-fields.ts';
import type { DerivedRecord, Outcome, Stage, StageOpening, StageTask } from './stage.ts';
import { withFormat } from './state-format.ts';
import { StageCounts, type StageMetrics } from './stage-metrics.ts';
import { checkChangelogs, fieldTableOf, type Topology } from './topology.ts';
import type { Transaction, TransactionalLog } from './transaction.ts';
import { type WholeBatches, wholeBatches } from './whole-batches.ts';

export interface PartitionTaskDeps {
  readonly topology: Topology;
  readonly partition: number;
  readonly log: TransactionalLog;
  readonly deadLetterTopic: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: readonly StageMetrics[];
  /** A monotonic clock in milliseconds with fractions, to sample the stages' time. */
  readonly stopwatchMs: () => number;
  readonly recordsAs: 'bytes' | 'objects';
  /** Whether outputs are compressed. Default true. */
  readonly compress?: boolean;
}

/** What one batch came to. */
export interface BatchCounts {
  readonly records: number;
  readonly maxEventTimeMs: number;
  /** When some of the records were accepted, for the latency: milliseconds since the epoch. */
  readonly ingestTimesMs: readonly number[];
}

/** One stage in this many records is timed: often enough to see, too rarely to cost. */
const sampleEvery = 256;
const latencySampleEvery = 64;
/** To sample the latency of a batch that is passed on unread costs inflating it: one in so many large ones. */
const passedSampleEvery = 16;

/**
 * A topology at work on one partition: its stages' state, and the outputs that wait for the next commit.
 * When a commit fails the task is thrown away and made anew from the changelogs, so memory never holds what
 * the log does not.
 */
export class PartitionTask {
  readonly #deps: PartitionTaskDeps;
  readonly #stages: readonly Stage[];
  readonly #tasks: StageTask[];
  readonly #fields: FieldTable;
  readonly #cursor = new RecordCursor();
  readonly #record: BytesRecord;
  readonly #output: RecordOutput;
  readonly #letters = new LetterBox();
  /** By stage: what its changelog gets at the next commit. */
  readonly #changes: readonly (SealedBatches | undefined)[];
  readonly #counts: readonly StageCounts[];
  readonly #ingestTimeField: Field | undefined;
  #derived: { readonly record: DerivedRecord; readonly next: number }[] = [];
  #where = { topic: '', offset: 0 };
  #passed = 0;

  constructor(deps: PartitionTaskDeps) {
    this.#deps = deps;
    const { topology, log } = deps;
    this.#stages = topology.stages;
    this.#counts = topology.stages.map(() => new StageCounts());
    checkChangelogs(topology, deps.partition, log);
    this.#fields = fieldTableOf(topology);
    this.#record = new BytesRecord(this.#cursor, topology.source.format, this.#fields);
    this.#record.partition = deps.partition;
    this.#ingestTimeField = this.#fields.find(topology.source.ingestTimeField ?? '');
    this.#output = new RecordOutput(
      topology.output,
      this.#fields,
      log.partitionCount(topology.output.topic),
      deps.compress ?? true,
    );
    this.#tasks = topology.stages.map((stage, i) => stage.open(this.#opening(stage, i)));
    this.#changes = topology.stages.map(({ changelog }) =>
      changelog === undefined ? undefined : new SealedBatches(4096, deps.compress ?? true),
    );
  }

  /** Reads the stages' state back from their changelogs: once, before the first batch. Null where no stage has any. */
  restore(): Promise<Restored | null> {
    return restoreStages(this.#stages, this.#tasks, this.#deps);
  }

  /** Runs a batch through the stages. Whatever it throws, this task must be discarded then. */
  async process(batch: Batch): Promise<BatchCounts> {
    this.#where.topic = this.#record.topic = batch.topic;
    const isUnread = this.#stages.length === 0 && this.#deps.recordsAs === 'bytes';
    const whole = isUnread && this.#output.takesBatches ? wholeBatches(batch) : null;
    if (whole !== null) return this.#pass(batch, whole);
    for (const task of this.#tasks) if (task.prepare !== undefined) await task.prepare(this.#records(batch));
    return this.#runBatch(batch);
  }

  /** The batch goes on as it was compressed by whoever wrote it. */
  #pass(batch: Batch, { batches, records, maxEventTimeMs }: WholeBatches): BatchCounts {
    this.#output.appendBatches(batches);
    const ingestTimesMs: number[] = [];
    if (records < latencySampleEvery || this.#passed++ % passedSampleEvery === 0) {
      this.#cursor.reset(batch.bytes);
      const first = this.#next(batch);
      if (first !== null) this.#sampleIngestTime(first, ingestTimesMs);
    }
    return { records, maxEventTimeMs, ingestTimesMs };
  }

  /** Apart from what waits: a loop within an asynchronous function is compiled anew for each batch. */
  #runBatch(batch: Batch): BatchCounts {
    let [records, maxEventTimeMs] = [0, Number.NEGATIVE_INFINITY];
    const ingestTimesMs: number[] = [];
    this.#cursor.reset(batch.bytes);
    for (let record = this.#next(batch); record !== null; record = this.#next(batch)) {
      if (records++ % latencySampleEvery === 0) this.#sampleIngestTime(record, ingestTimesMs);
      if (record.eventTimeMs > maxEventTimeMs) maxEventTimeMs = record.eventTimeMs;
      this.#where.offset = record.offset;
      this.#run(record, 0, records % sampleEvery === 0);
      this.#letters.passed();
    }
    return { records, maxEventTimeMs, ingestTimesMs };
  }

  /** Tells the stages that event time has passed `watermarkMs`; they may emit. */
  advanceWatermark(watermarkMs: number): void {
    for (const task of this.#tasks) {
      task.onWatermark?.(watermarkMs);
      this.#drainDerived();
    }
  }

  /** Puts outputs, dead letters and state changes since the last call into the transaction. */
  moveTo(transaction: Transaction): void {
    const { log, deadLetterTopic, partition } = this.#deps;
    this.#output.moveTo(transaction);
    this.#letters.moveTo(transaction, deadLetterTopic, partition % log.partitionCount(deadLetterTopic));
    for (const i of this.#stages.keys()) this.#appendChanges(transaction, i);
  }

  /** Called once the transaction has committed: what was counted since the last commit is now true. */
  settle(): void {
    this.#output.settle();
    for (const changes of this.#changes) changes?.reuseTaken();
    this.#letters.settle();
    this.#cursor.release();
    for (const [i, metrics] of this.#deps.metrics.entries()) this.#counts[i]?.moveTo(metrics);
  }

  /** Records that wait for `moveTo`. */
  get outputCount(): number {
    return this.#output.count;
  }

  /** Dead letters that wait for `moveTo`, and who sent what since the last commit. */
  get letters(): Pick<LetterBox, 'count' | 'news' | 'senders'> {
    return this.#letters;
  }

  #sampleIngestTime(record: RecordView, into: number[]): void {
    const ingestMs = this.#ingestTimeField === undefined ? Number.NaN : record.number(this.#ingestTimeField);
    if (Number.isFinite(ingestMs)) into.push(ingestMs);
  }

  *#records(batch: Batch): Generator<RecordView> {
    this.#cursor.reset(batch.bytes);
    for (let record = this.#next(batch); record !== null; record = this.#next(batch)) yield record;
  }

  /** The batch's next record that is new; null at its end. */
  #next(batch: Batch): RecordView | null {
    const cursor = this.#cursor;
    do {
      if (!cursor.next()) return null;
    } while (cursor.offset < batch.firstOffset);
    if (this.#deps.recordsAs === 'objects') return this.#objectOf(recordAt(cursor), cursor.offset);
    this.#record.load();
    return this.#record;
  }

  #run(record: RecordView, first: number, sampled: boolean, derived?: DerivedRecord): void {
    for (let i = first; i < this.#tasks.length; i++) {
      const outcome = this.#step(i, record, sampled);
      if (outcome.kind === 'emit') continue;
      if (outcome.kind === 'dead-letter') this.#bury(i, record, outcome, derived);
      if (this.#derived.length > 0) this.#drainDerived();
      return;
    }
    this.#output.append(record);
    if (this.#derived.length > 0) this.#drainDerived();
  }

  #step(index: number, record: RecordView, sampled: boolean): Outcome {
    const counts = this.#counts[index];
    const task = this.#tasks[index];
    if (counts === undefined || task === undefined) throw new RangeError(`no stage ${index}`);
    counts.recordsIn++;
    const derivedBefore = this.#derived.length;
    const startMs = sampled ? this.#deps.stopwatchMs() : 0;
    let outcome: Outcome;
    try {
      outcome = task.process(record);
    } catch (cause) {
      if (isRetryable(cause)) throw cause;
      this.#derived.length = derivedBefore;
      outcome = { kind: 'dead-letter', reason: 'STAGE_FAILED', cause };
    }
    if (sampled) {
      counts.samples++;
      counts.sampledMicros += (this.#deps.stopwatchMs() - startMs) * 1000;
    }
    if (outcome.kind === 'emit') counts.emitted++;
    else if (outcome.kind === 'drop') counts.drop(outcome.reason);
    else counts.deadLetters++;
    return outcome;
  }

  #bury(
    index: number,
    record: RecordView,
    outcome: Outcome & { kind: 'dead-letter' },
    derived: DerivedRecord | undefined,
  ): void {
    const { topology, partition, clock } = this.#deps;
    const why = {
      topology: topology.name,
      stage: this.#stages[index]?.name ?? '',
      reason: outcome.reason,
      cause: outcome.cause,
      ...this.#where,
      partition,
      atMs: clock.nowMs(),
    };
    if (derived === undefined) return this.#letters.bury(record, why);
    const kept = { ...record.original(), value: jsonOf(derived.fields) };
    this.#letters.buryDerived(kept, { ...why, derivedKey: derived.key });
  }

  #drainDerived(): void {
    while (this.#derived.length > 0) {
      const waiting = this.#derived;
      this.#derived = [];
      for (const { record, next } of waiting) this.#run(this.#derivedView(record), next, false, record);
    }
  }

  #derivedView(derived: DerivedRecord): RecordView {
    const record = derivedRecord(derived, this.#deps.topology.source.format);
    const view = this.#objectOf(record, this.#where.offset);
    for (const [name, value] of Object.entries(derived.fields)) {
      view.set(knownField(this.#fields, name), value);
    }
    return view;
  }

  #objectOf(record: StreamRecord, offset: number): ObjectRecord {
    const at = { topic: this.#where.topic, partition: this.#deps.partition, offset };
    return new ObjectRecord(record, this.#deps.topology.source.format, this.#fields, at);
  }

  #appendChanges(transaction: Transaction, index: number): void {
    const [changelog, batches] = [this.#stages[index]?.changelog, this.#changes[index]];
    if (changelog === undefined || batches === undefined) return;
    for (const change of this.#tasks[index]?.changes?.() ?? []) {
      batches.appendRecord(withFormat(change, changelog));
    }
    for (const batch of batches.take())
      transaction.append(changelog.topic, this.#deps.partition, batch, true);
  }

  #opening(stage: Stage, index: number): StageOpening {
    return {
      partition: this.#deps.partition,
      clock: this.#deps.clock,
      random: this.#deps.random,
      field: (name) => declaredField(this.#fields, stage, name),
      emit: (record) => {
        for (const name of Object.keys(record.fields)) knownField(this.#fields, name);
        this.#derived.push({ record, next: index + 1 });
      },
      sentBy: (sender) => this.#letters.sentBy(sender),
    };
  }
}
