import { isRetryable, messageOf } from '../contracts/errors.ts';
import { type Assignment, newAssignment } from './assignment.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Clock } from './clock.ts';
import { DeadLetterGuard, type DeadLetterLimit } from './dead-letter-guard.ts';
import { LatencyMeter } from './latency.ts';
import { PartitionTask } from './partition-task.ts';
import { PartitionWorks } from './partition-works.ts';
import type { Random } from './random.ts';
import { isRevoked, nackUntilTaken, readRepeatedly } from './repeat.ts';
import type { Batch, ConsumedPosition, Source } from './source.ts';
import { addRestored, nothingRestored, type Restored, restoredStatus } from './restored.ts';
import type { Running, RunStatus } from './running.ts';
import { RateMeter, StageMetrics } from './stage-metrics.ts';
import type { Topology } from './topology.ts';
import type { TransactionalLog } from './transaction.ts';
import { Watermark, type WatermarkOptions } from './watermark.ts';

export interface RunOptions {
  readonly source: Source;
  readonly log: TransactionalLog;
  readonly deadLetterTopic: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly stopwatchMs: () => number;
  readonly deadLetterLimit?: DeadLetterLimit;
  readonly backoff?: BackoffOptions;
  readonly watermark?: WatermarkOptions;
  readonly maxRecords?: number;
  /** After a batch behind which nothing waits, wait this long so that the next one is fuller: fewer, larger commits. */
  readonly lingerMs?: number;
  /** How stages see records: in place in the batch (the default), or as objects, to hold the two ways equal. */
  readonly recordsAs?: 'bytes' | 'objects';
  /** Whether outputs are compressed (zstd), which costs about 1 µs a kilobyte and saves three quarters. Default true. */
  readonly compress?: boolean;
  /** Told of each partition whose state was read back, before its first batch. Must not throw. */
  readonly onRestored?: (partition: number, restored: Restored) => void;
}

const defaults = {
  deadLetterLimit: { share: 0.5, minRecords: 200 },
  backoff: { initialMs: 50, maxMs: 10_000 },
  watermark: { maxOutOfOrderMs: 10_000, idleAfterMs: 30_000 },
  maxRecords: 8192,
  lingerMs: 0,
  maxWaitMs: 200,
};

/**
 * Runs a topology on a source. Where the source is a log, outputs, dead letters, state changes and consumed
 * offsets commit in one transaction; elsewhere the batch is acked after that commit, so that a crash between
 * the two repeats and never loses. While one partition commits, others are processed; batches of one partition never
 * overlap. A retryable fault backs off and repeats from the last commit; any other, and too many dead letters, stop the
 * run with the batch uncommitted.
 */
export function runTopology(topology: Topology, options: RunOptions): Running {
  const run = new TopologyRun(topology, options);
  const done = run.loop();
  const stop = async (): Promise<void> => {
    run.stop();
    await done;
  };
  const fault = (): unknown => run.fault;
  return { name: topology.name, status: () => run.status(), stop, done, fault, [Symbol.asyncDispose]: stop };
}

class TopologyRun {
  readonly #topology: Topology;
  readonly #options: RunOptions;
  readonly #stopping = new AbortController();
  readonly #stages: readonly StageMetrics[];
  readonly #assignments = new Map<number, Assignment>();
  readonly #guard: DeadLetterGuard;
  readonly #backoff: Backoff;
  readonly #watermark: Watermark;
  readonly #latency = new LatencyMeter();
  readonly #works = new PartitionWorks();
  readonly #rate = new RateMeter();
  fault: unknown;
  #state: RunStatus['state'] = 'starting';
  #reason: string | null = null;
  #recordsIn = 0;
  #recordsOut = 0;
  #deadLetters = 0;
  #restored = nothingRestored;

  constructor(topology: Topology, options: RunOptions) {
    this.#topology = topology;
    this.#options = options;
    this.#stages = topology.stages.map((stage) => new StageMetrics(stage.name));
    this.#guard = new DeadLetterGuard(options.deadLetterLimit ?? defaults.deadLetterLimit);
    this.#backoff = new Backoff(options.backoff ?? defaults.backoff, options.clock, options.random);
    this.#watermark = new Watermark(options.watermark ?? defaults.watermark);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async loop(): Promise<void> {
    const { source } = this.#options;
    const maxRecords = this.#options.maxRecords ?? defaults.maxRecords;
    const signal = AbortSignal.any([this.#stopping.signal, this.#works.failed]);
    const read = { maxRecords, maxWaitMs: defaults.maxWaitMs, signal, reuse: true };
    this.#state = 'running';
    try {
      for await (const batch of readRepeatedly(source, read, (error) => this.#pauseReading(error))) {
        if (batch === null) {
          await this.#works.done();
          await this.#fireTimers();
        } else {
          await this.#begin(batch);
          await this.#linger(batch.moreWaits ?? batch.count >= maxRecords);
        }
      }
      await this.#works.done();
    } catch (error) {
      this.fault = error;
      this.#reason = messageOf(error);
    }
    this.#assignments.clear();
    this.#state = 'stopped';
    this.#reason ??= this.#stopping.signal.aborted ? 'It was asked to stop.' : 'Its source ended.';
  }

  status(): RunStatus {
    const nowMs = this.#options.clock.nowMs();
    return {
      name: this.#topology.name,
      state: this.#state,
      reason: this.#reason ?? this.#guard.warning(),
      from: [...this.#topology.source.topics],
      to: this.#topology.output.topic,
      recordsIn: this.#recordsIn,
      recordsOut: this.#recordsOut,
      deadLetters: this.#deadLetters,
      ratePerSecond: this.#rate.ratePerSecond(this.#recordsIn, nowMs),
      latencyMs: this.#latency.percentiles(nowMs),
      histograms: { sinceAcceptance: this.#latency.histogram() },
      stages: this.#stages.map((stage) => stage.status(nowMs)),
      ...(this.#restored.partitions === 0 ? {} : { restored: restoredStatus(this.#restored) }),
    };
  }

  async #linger(moreWaits: boolean): Promise<void> {
    const lingerMs = this.#options.lingerMs ?? defaults.lingerMs;
    if (!moreWaits && lingerMs > 0) await this.#options.clock.sleep(lingerMs, this.#stopping.signal);
  }

  /** What is in hand ends first: the source delivers again what was neither acked nor committed. */
  async #pauseReading(error: unknown): Promise<void> {
    await this.#works.done();
    await this.#pause(error);
  }

  async #pause(error: unknown): Promise<void> {
    this.#reason = messageOf(error);
    await this.#backoff.wait(this.#stopping.signal);
  }

  #recovered(): void {
    this.#backoff.reset();
    this.#reason = null;
  }

  /** Where offsets ride in transactions, others are read while a batch commits: one given back voids those behind it. */
  async #begin(batch: Batch): Promise<void> {
    const givenBack = await this.#works.begin(batch.partition, () => this.#handleGuarded(batch));
    if (batch.position === undefined) await this.#works.done();
    else if (givenBack !== undefined) {
      await nackUntilTaken(batch, givenBack, this.#backoff, this.#stopping.signal);
    }
  }

  /**
   * Handles a batch; after a fault the partition's task is discarded, since memory may be ahead of the log. Resolves with
   * the fault for which the batch was given back.
   */
  async #handleGuarded(batch: Batch): Promise<Error | undefined> {
    if (batch.revoked.aborted) {
      this.#forgetRevoked();
      return undefined;
    }
    try {
      await this.#handle(batch);
      this.#recovered();
      return undefined;
    } catch (error) {
      const assignment = this.#assignments.get(batch.partition);
      if (assignment !== undefined) {
        assignment.task = undefined;
        assignment.settled = false;
      }
      if (isRevoked(error)) {
        this.#forget(batch.partition);
        return undefined;
      }
      if (!(error instanceof Error) || !isRetryable(error)) throw error;
      await nackUntilTaken(batch, error, this.#backoff, this.#stopping.signal);
      await this.#pause(error);
      return error;
    }
  }

  async #handle(batch: Batch): Promise<void> {
    const { partition, position } = batch;
    const { clock } = this.#options;
    this.#watermark.touch(partition, clock.nowMs());
    const assignment = this.#assignmentOf(batch);
    const task = (assignment.task ??= await this.#openTask(partition));
    const counts = await task.process(batch);
    const watermarkMs = this.#watermark.after(partition, counts.maxEventTimeMs, clock.nowMs());
    if (Number.isFinite(watermarkMs)) task.advanceWatermark(watermarkMs);
    await this.#commit(task, position, counts.records);
    this.#watermark.observe(partition, counts.maxEventTimeMs, clock.nowMs());
    assignment.position = position;
    assignment.settled = true;
    const nowMs = clock.nowMs();
    for (const ingestMs of counts.ingestTimesMs) this.#latency.record(nowMs - ingestMs, nowMs);
    if (position === undefined) await batch.ack();
  }

  async #commit(task: PartitionTask, position: ConsumedPosition | undefined, records: number): Promise<void> {
    const { outputCount, letters } = task;
    const deadLetters = letters.count;
    const counts = { records, letters: letters.news, senders: new Map(letters.senders) };
    this.#guard.check(this.#topology.name, counts);
    const transaction = this.#options.log.begin();
    task.moveTo(transaction);
    await transaction.commit(position === undefined ? [] : [position]);
    task.settle();
    this.#guard.count(counts);
    this.#recordsIn += records;
    this.#recordsOut += outputCount;
    this.#deadLetters += deadLetters;
  }

  /** Event time may pass without a batch: a partition that is idle follows the others. */
  async #fireTimers(): Promise<void> {
    this.#forgetRevoked();
    for (const [partition, assignment] of this.#assignments) {
      const watermarkMs = this.#watermark.currentMs(partition, this.#options.clock.nowMs());
      if (!assignment.settled || !Number.isFinite(watermarkMs)) continue;
      try {
        const task = (assignment.task ??= await this.#openTask(partition));
        task.advanceWatermark(watermarkMs);
        if (task.outputCount + task.letters.count === 0) continue;
        await this.#commit(task, assignment.position, 0);
        this.#recovered();
      } catch (error) {
        assignment.task = undefined;
        if (isRevoked(error)) this.#forget(partition);
        else if (isRetryable(error)) return this.#pause(error);
        else throw error;
      }
    }
  }

  #forgetRevoked(): void {
    for (const [partition, { revoked }] of this.#assignments) if (revoked.aborted) this.#forget(partition);
  }

  #forget(partition: number): void {
    this.#assignments.delete(partition);
    this.#watermark.forget(partition);
  }

  #assignmentOf(batch: Batch): Assignment {
    const { partition, revoked } = batch;
    const generation = batch.position?.generation ?? 0;
    const known = this.#assignments.get(partition);
    if (known?.generation === generation) {
      known.revoked = revoked;
      return known;
    }
    const assigned = newAssignment(generation, revoked);
    this.#assignments.set(partition, assigned);
    return assigned;
  }

  async #openTask(partition: number): Promise<PartitionTask> {
    const { log, deadLetterTopic, clock, random, stopwatchMs } = this.#options;
    const { recordsAs = 'bytes', compress = true, onRestored } = this.#options;
    const deps = { partition, log, deadLetterTopic, clock, random, stopwatchMs, recordsAs, compress };
    const task = new PartitionTask({ ...deps, topology: this.#topology, metrics: this.#stages });
    const restored = await task.restore();
    if (restored !== null) {
      this.#restored = addRestored(this.#restored, restored);
      onRestored?.(partition, restored);
    }
    return task;
  }
}
