import type { Log } from '../brokers/log.ts';
import { isRetryable, OpenFrameError } from '../contracts/errors.ts';
import { topics } from '../contracts/topics.ts';
import type { ReadsLog } from '../sinks/analytics.ts';
import { Backoff } from '../streams/backoff.ts';
import type { Clock } from '../streams/clock.ts';
import { PartitionTask } from '../streams/partition-task.ts';
import type { Random } from '../streams/random.ts';
import { openBatchEnd, recordCountAt } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import type { Sink, SinkBatch } from '../streams/sink.ts';
import { StageMetrics } from '../streams/stage-metrics.ts';
import { changelogsOf, type Topology } from '../streams/topology.ts';

/** What can be made anew from the log. */
export const rebuildTargets = ['event-log', 'analytics', 'devices', 'dedupe', 'marks'] as const;
export type RebuildTarget = (typeof rebuildTargets)[number];

export interface RebuildProgress {
  readonly records: number;
  /** About how many there are in all: aborted transactions and compaction leave gaps between offsets. */
  readonly expected: number;
}

export interface RebuildReport {
  readonly target: RebuildTarget;
  readonly dryRun: boolean;
  /** Records that were read and written, or would be. */
  readonly records: number;
  /** Event time of the oldest of them, milliseconds since the epoch; null where there are none. */
  readonly oldestMs: number | null;
  /** Records that the store cannot hold: they are among the dead letters already. */
  readonly rejected: number;
  readonly elapsedMs: number;
  /** What was done, in a sentence. */
  readonly remark: string;
}

export interface RebuildOptions {
  readonly dryRun: boolean;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
}

const chunkRecords = 5_000;
const chunkBytes = 8 * 1024 * 1024;
const backoff = { initialMs: 100, maxMs: 5_000 };

/**
 * Writes everything that the enriched topic still holds into a sink once more, without a consumer group. The sink
 * is idempotent: what it has stays as it is, what it lacks comes back, and rows older than the topic are kept. A
 * dry run reads and writes nothing. Waits while the store is away.
 */
export async function rebuildSink(
  deps: RebuildDeps,
  target: RebuildTarget,
  sink: Pick<Sink, 'write' | 'deferred'>,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { log, clock } = deps;
  const startMs = clock.nowMs();
  const lossesBefore = sink.deferred?.losses();
  const extent = await extentOf(log, topics.enriched);
  let records = 0;
  let rejected = 0;
  for (let partition = 0; !options.dryRun && partition < extent.partitions; partition++) {
    for await (const chunk of chunksOf(log.readAll(topics.enriched, partition), partition)) {
      rejected += await writeRepeatedly(sink, chunk, deps);
      records += chunk.count;
      options.onProgress?.({ records, expected: extent.records });
    }
  }
  if (!options.dryRun) await sink.deferred?.flush();
  if (sink.deferred?.losses() !== lossesBefore) throw lostMeanwhile();
  const { oldestMs } = extent;
  if (options.dryRun) records = extent.records;
  const elapsedMs = clock.nowMs() - startMs;
  const verb = options.dryRun ? 'would be written' : 'were written';
  const remark = `What the enriched topic holds ${verb} once more; older rows stay as they are.`;
  return { target, dryRun: options.dryRun, records, oldestMs, rejected, elapsedMs, remark };
}

const lookAgainMs = 250;

/**
 * Makes the tables of analytics that reads the log by itself anew, and resolves when it has read what the topics
 * hold now. What was older than the topics is gone then, which a dry run says.
 */
export async function rebuildReader(
  { log, clock }: RebuildDeps,
  target: RebuildTarget,
  reader: ReadsLog,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const startMs = clock.nowMs();
  const { records, oldestMs } = await extentOf(log, topics.enriched);
  if (!options.dryRun) {
    const ends = await Promise.all(reader.topics.map((topic) => recordEnds(log, topic)));
    await reader.startAnew();
    for (const [at, topic] of reader.topics.entries()) {
      await untilRead(reader, topic, ends[at] ?? [], async (read) => {
        if (topic === topics.enriched) options.onProgress?.({ records: read, expected: records });
        await clock.sleep(lookAgainMs);
      });
    }
  }
  const verb = options.dryRun ? 'would be' : 'were';
  const remark = `The tables ${verb} made anew and read from their topics; what was older than these ${verb} dropped.`;
  const elapsedMs = clock.nowMs() - startMs;
  return { target, dryRun: options.dryRun, records, oldestMs, rejected: 0, elapsedMs, remark };
}

async function untilRead(
  reader: ReadsLog,
  topic: string,
  ends: readonly number[],
  wait: (read: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    const offsets = await reader.progress(topic);
    if (ends.every((end, partition) => (offsets.get(partition) ?? -1) >= end)) return;
    await wait([...offsets.values()].reduce((sum, offset) => sum + offset, 0));
  }
}

/** Behind the last record of each partition: a log may end in markers, which no reader of records sees. */
async function recordEnds(log: Log, topic: string): Promise<readonly number[]> {
  const cursor = new RecordCursor();
  const ends: number[] = [];
  for (let partition = 0; partition < log.partitionCount(topic); partition++) {
    let end = 0;
    for await (const batch of log.readAll(topic, partition)) {
      cursor.reset(batch);
      while (cursor.next()) end = cursor.offset + 1;
    }
    ends.push(end);
  }
  return ends;
}

/**
 * Reads a topology's state back from its changelogs as each start does, and says how much that is. Nothing else
 * holds the state, so there is nothing to replace; a changelog that is damaged throws here as it would there.
 */
export async function rehearseState(
  deps: RebuildDeps,
  topology: Topology,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { log, clock, random } = deps;
  const startMs = clock.nowMs();
  const extents = await Promise.all(changelogsOf(topology).map(({ topic }) => extentOf(log, topic)));
  const records = extents.reduce((sum, extent) => sum + extent.records, 0);
  const oldest = extents.flatMap((extent) => (extent.oldestMs === null ? [] : [extent.oldestMs]));
  const partitions = Math.max(0, ...extents.map((extent) => extent.partitions));
  for (let partition = 0; !options.dryRun && partition < partitions; partition++) {
    const metrics = topology.stages.map((stage) => new StageMetrics(stage.name));
    const stopwatchMs = (): number => clock.nowMs();
    const task = {
      topology,
      partition,
      log,
      clock,
      random,
      metrics,
      stopwatchMs,
      recordsAs: 'bytes',
    } as const;
    await new PartitionTask({ ...task, deadLetterTopic: topics.deadLetters }).restore();
    options.onProgress?.({
      records: Math.round((records * (partition + 1)) / partitions),
      expected: records,
    });
  }
  return {
    target: 'dedupe',
    dryRun: options.dryRun,
    records,
    oldestMs: oldest.length === 0 ? null : Math.min(...oldest),
    rejected: 0,
    elapsedMs: clock.nowMs() - startMs,
    remark:
      'The state lives on its changelogs alone: every start of telemetry reads it back, as was done here.',
  };
}

interface Extent {
  readonly partitions: number;
  readonly records: number;
  readonly oldestMs: number | null;
}

/** How much a topic holds, from the first stored batch and the end of each partition. */
async function extentOf(log: Log, topic: string): Promise<Extent> {
  const partitions = log.partitionCount(topic);
  const cursor = new RecordCursor();
  let records = 0;
  let oldestMs: number | null = null;
  for (let partition = 0; partition < partitions; partition++) {
    const endOffset = await log.endOffset(topic, partition);
    for await (const batch of log.readAll(topic, partition)) {
      cursor.reset(batch);
      if (!cursor.next()) continue;
      records += endOffset - cursor.offset;
      oldestMs = Math.min(oldestMs ?? cursor.timestampMs, cursor.timestampMs);
      break;
    }
  }
  return { partitions, records, oldestMs };
}

/** Stored batches put together, so that a store gets few large writes. */
async function* chunksOf(batches: AsyncIterable<Buffer>, partition: number): AsyncGenerator<SinkBatch> {
  let parts: Buffer[] = [];
  let count = 0;
  let sizeBytes = 0;
  const chunk = (): SinkBatch => ({ partition, bytes: Buffer.concat(parts), count, firstOffset: 0 });
  for await (const batch of batches) {
    parts.push(batch);
    count += recordsIn(batch);
    sizeBytes += batch.length;
    if (count < chunkRecords && sizeBytes < chunkBytes) continue;
    yield chunk();
    parts = [];
    count = 0;
    sizeBytes = 0;
  }
  if (count > 0) yield chunk();
}

function recordsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at = openBatchEnd(bytes, at))
    count += bytes.readInt32BE(at + recordCountAt);
  return count;
}

function lostMeanwhile(): OpenFrameError {
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    'The store met a fault and was opened anew, without some of what was rebuilt: start the rebuild again.',
    { retryable: true },
  );
}

async function writeRepeatedly(
  sink: Pick<Sink, 'write'>,
  chunk: SinkBatch,
  { clock, random }: RebuildDeps,
): Promise<number> {
  const pause = new Backoff(backoff, clock, random);
  for (;;) {
    try {
      return (await sink.write([chunk], AbortSignal.any([]))).length;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await pause.wait();
    }
  }
}
