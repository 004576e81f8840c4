import type { PipelineStatus } from '../contracts/pipeline.ts';
import { isRetryable, messageOf, OpenFrameError } from '../contracts/errors.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Clock } from './clock.ts';
import { DeadLetterGuard, type DeadLetterLimit } from './dead-letters.ts';
import { LatencyMeter } from './latency.ts';
import { PartitionTask } from './partition-task.ts';
import type { Random } from './random.ts';
import type { Batch, ConsumedPosition, Source } from './source.ts';
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
  /** After a batch that was not full, wait this long so that the next one is fuller: fewer, larger commits. */
  readonly lingerMs?: number;
}

/** A pipeline's status but for its lag, which the log knows. */
export type RunStatus = Omit<PipelineStatus, 'lag'>;

/** Something that runs until stopped: a topology or a sink. */
export interface Running extends AsyncDisposable {
  readonly name: string;
  status(): RunStatus;
  /** Finishes and commits the batch in hand, then ends. */
  stop(): Promise<void>;
  /** Resolves when it has ended, by `stop` or by a fault (see `status().state`); never rejects. */
  readonly done: Promise<void>;
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
 * the two repeats and never loses. A retryable fault backs off and repeats from the last commit; any other,
 * and too many dead letters, stop the run with the batch uncommitted.
 */
export function runTopology(topology: Topology, options: RunOptions): Running {
  const run = new TopologyRun(topology, options);
  const done = run.loop();
  const stop = async (): Promise<void> => {
    run.stop();
    await done;
  };
  return { name: topology.name, status: () => run.status(), stop, done, [Symbol.asyncDispose]: stop };
}

interface OpenTask {
  readonly task: PartitionTask;
  readonly generation: number;
  /** What was consumed last: committed again with timers' outputs, so that a lost partition is fenced. */
  position: ConsumedPosition | undefined;
}

class TopologyRun {
  readonly #topology: Topology;
  readonly #options: RunOptions;
  readonly #stopping = new AbortController();
  readonly #stages: readonly StageMetrics[];
  readonly #tasks = new Map<number, OpenTask>();
  readonly #guard: DeadLetterGuard;
  readonly #backoff: Backoff;
  readonly #watermark: Watermark;
  readonly #latency = new LatencyMeter();
  readonly #rate = new RateMeter();
  #state: RunStatus['state'] = 'starting';
  #reason: string | null = null;
  #recordsIn = 0;
  #recordsOut = 0;
  #deadLetters = 0;

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
    const read = { maxRecords, maxWaitMs: defaults.maxWaitMs, signal: this.#stopping.signal };
    this.#state = 'running';
    try {
      for await (const batch of source.read(read)) {
        if (batch === null) await this.#guarded(null, () => this.#fireTimers());
        else {
          await this.#guarded(batch, () => this.#handle(batch));
          await this.#linger(batch.count < maxRecords);
        }
      }
    } catch (error) {
      this.#reason = messageOf(error);
    }
    this.#state = 'stopped';
    this.#reason ??= 'It was asked to stop.';
  }

  status(): RunStatus {
    const nowMs = this.#options.clock.nowMs();
    return {
      name: this.#topology.name,
      state: this.#state,
      reason: this.#reason,
      from: [...this.#topology.source.topics],
      to: this.#topology.output.topic,
      recordsIn: this.#recordsIn,
      recordsOut: this.#recordsOut,
      deadLetters: this.#deadLetters,
      ratePerSecond: this.#rate.ratePerSecond(this.#recordsIn, nowMs),
      latencyMs: this.#latency.percentiles(nowMs),
      stages: this.#stages.map((stage) => stage.status(nowMs)),
    };
  }

  async #linger(partial: boolean): Promise<void> {
    const lingerMs = this.#options.lingerMs ?? defaults.lingerMs;
    if (partial && lingerMs > 0) await this.#options.clock.sleep(lingerMs, this.#stopping.signal);
  }

  /** Runs one step; on a fault every task is discarded, since memory may now be ahead of the log. */
  async #guarded(batch: Batch | null, step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.#backoff.reset();
      this.#reason = null;
    } catch (error) {
      if (batch === null) this.#tasks.clear();
      else this.#tasks.delete(batch.partition);
      if (error instanceof OpenFrameError && error.code === 'BATCH_REVOKED') return;
      if (!isRetryable(error)) throw error;
      this.#reason = messageOf(error);
      await batch?.nack(error);
      await this.#backoff.wait(this.#stopping.signal);
    }
  }

  async #handle(batch: Batch): Promise<void> {
    if (batch.revoked.aborted) {
      this.#tasks.delete(batch.partition);
      return;
    }
    const open = await this.#openTask(batch);
    const { task } = open;
    const { clock } = this.#options;
    const counts = await task.process(batch);
    this.#guard.check(this.#topology.name, counts.records, counts.deadLetters);
    this.#watermark.observe(batch.partition, counts.maxEventTimeMs, clock.nowMs());
    const watermarkMs = this.#watermark.currentMs(clock.nowMs());
    if (Number.isFinite(watermarkMs)) task.advanceWatermark(watermarkMs);
    const outputs = task.outputCount;
    await this.#commit(task, batch);
    open.position = batch.position;
    this.#recordsIn += counts.records;
    this.#recordsOut += outputs;
    this.#deadLetters += counts.deadLetters;
    const nowMs = clock.nowMs();
    for (const ingestMs of counts.ingestTimesMs) this.#latency.record(nowMs - ingestMs, nowMs);
  }

  async #commit(task: PartitionTask, batch: Batch): Promise<void> {
    const transaction = this.#options.log.begin();
    task.moveTo(transaction);
    await transaction.commit(batch.position === undefined ? [] : [batch.position]);
    if (batch.position === undefined) await batch.ack();
  }

  async #fireTimers(): Promise<void> {
    const watermarkMs = this.#watermark.currentMs(this.#options.clock.nowMs());
    if (!Number.isFinite(watermarkMs)) return;
    for (const { task, position } of this.#tasks.values()) {
      task.advanceWatermark(watermarkMs);
      if (task.outputCount === 0) continue;
      const transaction = this.#options.log.begin();
      task.moveTo(transaction);
      await transaction.commit(position === undefined ? [] : [position]);
    }
  }

  async #openTask(batch: Batch): Promise<OpenTask> {
    const generation = batch.position?.generation ?? 0;
    const known = this.#tasks.get(batch.partition);
    if (known?.generation === generation) return known;
    const { log, deadLetterTopic, clock, random, stopwatchMs } = this.#options;
    const { partition } = batch;
    const metrics = this.#stages;
    const topology = this.#topology;
    const deps = { topology, partition, log, deadLetterTopic, clock, random, metrics, stopwatchMs };
    const opened: OpenTask = { task: new PartitionTask(deps), generation, position: undefined };
    await opened.task.restore();
    this.#tasks.set(partition, opened);
    return opened;
  }
}
