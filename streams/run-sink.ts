import { isRetryable, messageOf, OpenFrameError } from '../contracts/errors.ts';
import { Backoff } from './backoff.ts';
import { DeadLetterGuard } from './dead-letter-guard.ts';
import { deadLetterRecord } from './dead-letters.ts';
import { DeferredAcks, type FlushPace } from './deferred-acks.ts';
import { FirstTimesReader } from './first-times.ts';
import { LatencyMeter } from './latency.ts';
import { RecordCursor } from './record-cursor.ts';
import { isRevoked, nackUntilTaken, readRepeatedly } from './repeat.ts';
import { SealedBatches } from './sealed-batches.ts';
import type { RunOptions } from './run.ts';
import type { Running, RunStatus } from './running.ts';
import type { RejectedRecord, Sink } from './sink.ts';
import type { Batch } from './source.ts';
import { RateMeter } from './stage-metrics.ts';

export interface RunSinkOptions extends Omit<RunOptions, 'watermark' | 'stopwatchMs'> {
  /** The topics that the source reads, for the status. */
  readonly topics: readonly string[];
  /** The header that says when the platform accepted a record, milliseconds since the epoch. */
  readonly ingestTimeHeader: string;
  /** For a sink whose durability is deferred. Default: 40,960 records, or a minute. */
  readonly flushPace?: FlushPace;
}

const defaults = {
  deadLetterLimit: { share: 0.5, minRecords: 200 },
  backoff: { initialMs: 100, maxMs: 15_000 },
  maxRecords: 20_000,
  lingerMs: 50,
  maxWaitMs: 200,
  flushPace: { records: 40_960, maxWaitMs: 60_000 },
};

/**
 * Runs a sink on a source. The order of a crash-safe end: sink durable, then dead letters durable, then ack.
 * Batches of all partitions that wait are written together; a slow sink is simply asked less often. Where the
 * sink defers its durability, many writes are flushed and acked together.
 */
export function runSink(sink: Sink, options: RunSinkOptions): Running {
  const run = new SinkRun(sink, options);
  const done = run.loop();
  const stop = async (): Promise<void> => {
    run.stop();
    await done;
  };
  const fault = (): unknown => run.fault;
  const status = (): RunStatus => run.status();
  const hurry = (): void => run.hurry();
  return { name: sink.name, status, hurry, stop, done, fault, [Symbol.asyncDispose]: stop };
}

/** A stop lets the write in hand finish: what it stored is acked then and not repeated. */
const neverAborts = AbortSignal.any([]);

class SinkRun {
  readonly #sink: Sink;
  readonly #options: RunSinkOptions;
  readonly #stopping = new AbortController();
  readonly #guard: DeadLetterGuard;
  readonly #backoff: Backoff;
  readonly #latency = new LatencyMeter();
  readonly #age = new LatencyMeter();
  readonly #rate = new RateMeter();
  readonly #deferred: DeferredAcks | undefined;
  #waiting: Batch[] = [];
  #waitingRecords = 0;
  #isHurried = false;
  fault: unknown;
  #state: RunStatus['state'] = 'starting';
  #reason: string | null = null;
  #recordsIn = 0;
  #recordsOut = 0;
  #deadLetters = 0;

  constructor(sink: Sink, options: RunSinkOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#guard = new DeadLetterGuard(options.deadLetterLimit ?? defaults.deadLetterLimit);
    this.#backoff = new Backoff(options.backoff ?? defaults.backoff, options.clock, options.random);
    if (sink.deferred !== undefined) {
      const pace = options.flushPace ?? defaults.flushPace;
      this.#deferred = new DeferredAcks(sink.deferred, pace, (batches) => ackAll(batches, new Set()));
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  hurry(): void {
    this.#isHurried = true;
  }

  async loop(): Promise<void> {
    const { source, clock } = this.#options;
    const maxRecords = this.#options.maxRecords ?? defaults.maxRecords;
    const lingerMs = this.#options.lingerMs ?? defaults.lingerMs;
    const maxWaitMs = lingerMs > 0 ? Math.min(lingerMs, defaults.maxWaitMs) : defaults.maxWaitMs;
    const read = { maxRecords, maxWaitMs, signal: this.#stopping.signal };
    this.#state = 'running';
    let flushAtMs = 0;
    try {
      for await (const batch of readRepeatedly(source, read, (error) => this.#readAgain(error))) {
        if (batch !== null) {
          if (this.#waiting.length === 0) flushAtMs = clock.nowMs() + lingerMs;
          this.#waiting.push(batch);
          this.#waitingRecords += batch.count;
        }
        const full = this.#waitingRecords >= maxRecords;
        if (full || (this.#waiting.length > 0 && clock.nowMs() >= flushAtMs)) await this.#write();
        await this.#settle();
      }
      await this.#write();
      await this.#settle();
    } catch (error) {
      this.fault = error;
      this.#reason = messageOf(error);
    }
    this.#state = 'stopped';
    this.#reason ??= this.#stopping.signal.aborted ? 'It was asked to stop.' : 'Its source ended.';
  }

  status(): RunStatus {
    const nowMs = this.#options.clock.nowMs();
    return {
      name: this.#sink.name,
      state: this.#state,
      reason: this.#reason,
      from: [...this.#options.topics],
      to: this.#sink.name,
      recordsIn: this.#recordsIn,
      recordsOut: this.#recordsOut,
      deadLetters: this.#deadLetters,
      ratePerSecond: this.#rate.ratePerSecond(this.#recordsIn, nowMs),
      latencyMs: this.#latency.percentiles(nowMs),
      histograms: { sinceAcceptance: this.#latency.histogram(), sinceEvent: this.#age.histogram() },
      stages: [],
      unflushed: this.#deferred?.records ?? 0,
    };
  }

  async #write(): Promise<void> {
    const batches = this.#waiting.filter((batch) => !batch.revoked.aborted);
    this.#waiting = [];
    this.#waitingRecords = 0;
    if (batches.length === 0) return;
    const open = new Set(batches);
    this.#deferred?.beforeWrite(this.#options.clock.nowMs());
    const first = new FirstTimesReader(batches, this.#options.ingestTimeHeader);
    try {
      const rejected = await this.#sink.write(batches, neverAborts);
      const records = batches.reduce((sum, batch) => sum + batch.count, 0);
      this.#guard.check(this.#sink.name, { records, letters: rejected.length });
      await this.#bury(batches, rejected);
      if (this.#deferred === undefined) await ackAll(batches, open);
      else this.#deferred.add(batches);
      this.#guard.count({ records, letters: rejected.length });
      this.#count(first.times, rejected.length);
      this.#backoff.reset();
      this.#reason = null;
    } catch (error) {
      await this.#giveBack([...(this.#deferred?.takeBack() ?? []), ...open], error);
    } finally {
      first.release();
    }
  }

  /** Makes durable and acks what was written: all of it once the run has been asked to stop. */
  async #settle(): Promise<void> {
    if (this.#deferred === undefined) return;
    const isHurried = this.#isHurried;
    this.#isHurried = false;
    try {
      if (this.#stopping.signal.aborted) await this.#deferred.settleAll();
      else await this.#deferred.settle(this.#options.clock.nowMs(), isHurried);
    } catch (error) {
      const notWritten = this.#waiting;
      this.#waiting = [];
      this.#waitingRecords = 0;
      await this.#giveBack([...this.#deferred.takeBack(), ...notWritten], error);
    }
  }

  /** After a fault that passes: the batches, oldest first, are to come again. */
  async #giveBack(batches: readonly Batch[], error: unknown): Promise<void> {
    if (!isRetryable(error)) throw error;
    for (const batch of batches.toReversed()) {
      await nackUntilTaken(batch, error, this.#backoff, this.#stopping.signal);
    }
    await this.#pause(error);
  }

  async #pause(error: unknown): Promise<void> {
    this.#reason = messageOf(error);
    await this.#backoff.wait(this.#stopping.signal);
  }

  /** What waits to be written comes again with the next reading. */
  async #readAgain(error: unknown): Promise<void> {
    this.#waiting = [];
    this.#waitingRecords = 0;
    await this.#pause(error);
  }

  async #bury(batches: readonly Batch[], rejected: readonly RejectedRecord[]): Promise<void> {
    if (rejected.length === 0) return;
    const { log, deadLetterTopic, clock } = this.#options;
    const why = new Map(rejected.map((r) => [`${r.partition}:${r.offset}`, r]));
    const letters = new SealedBatches(4096);
    for (const { batch, record, offset } of recordsOf(batches)) {
      const found = why.get(`${batch.partition}:${offset}`);
      if (found === undefined) continue;
      const { topic, partition } = batch;
      const at = { topology: this.#sink.name, stage: 'write', topic, partition, offset, atMs: clock.nowMs() };
      letters.appendRecord(deadLetterRecord(record(), { ...at, reason: found.reason, cause: found.cause }));
    }
    if (letters.count < why.size) throw unknownRejects(this.#sink.name, why.size - letters.count);
    const transaction = log.begin();
    for (const batch of letters.take()) transaction.append(deadLetterTopic, 0, batch);
    await transaction.commit([]);
  }

  #count(first: FirstTimesReader['times'], deadLetters: number): void {
    const nowMs = this.#options.clock.nowMs();
    // The first record of a batch waited longest, so the whole batch counts as no faster.
    for (const { count, ingestMs, eventMs } of first) {
      this.#recordsIn += count;
      if (ingestMs !== null) this.#latency.record(nowMs - ingestMs, nowMs, count);
      if (eventMs !== null) this.#age.record(nowMs - eventMs, nowMs, count);
    }
    this.#deadLetters += deadLetters;
    this.#recordsOut = this.#recordsIn - this.#deadLetters;
  }
}

/** Acks together, so that a log can commit them at once; `open` keeps those that failed. */
async function ackAll(batches: readonly Batch[], open: Set<Batch>): Promise<void> {
  const acks = batches.map(async (batch) => {
    await ackUnlessRevoked(batch);
    open.delete(batch);
  });
  const failed = (await Promise.allSettled(acks)).find((ack) => ack.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** A partition that moved on is written again by its new owner: the sink is idempotent. */
async function ackUnlessRevoked(batch: Batch): Promise<void> {
  try {
    await batch.ack();
  } catch (error) {
    if (!isRevoked(error)) throw error;
  }
}

function unknownRejects(sink: string, count: number): OpenFrameError {
  return new OpenFrameError(
    'INTERNAL',
    `The sink '${sink}' rejected ${count} records that it was not given, so which it stored is unknown: nothing was acked.`,
  );
}

function* recordsOf(batches: readonly Batch[]) {
  const cursor = new RecordCursor();
  for (const batch of batches) {
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      if (cursor.offset < batch.firstOffset) continue;
      const record = () => ({
        key: cursor.keyText(),
        eventTimeMs: cursor.timestampMs,
        headers: cursor.headers(),
        value: cursor.value(),
      });
      yield { batch, offset: cursor.offset, record };
    }
  }
}
