import { topics } from '../contracts/topics.ts';
import { dedupe, type DedupeOptions } from '../enrichers/dedupe.ts';
import { rawFormat } from '../enrichers/telemetry-format.ts';
import { PartitionTask } from '../streams/partition-task.ts';
import { isStampedByLog, maxTimestampMs, recordCount } from '../streams/record-batch.ts';
import { StageMetrics } from '../streams/stage-metrics.ts';
import { from, type Topology } from '../streams/topology.ts';
import type { Transaction } from '../streams/transaction.ts';
import type { RebuildDeps, RebuildOptions, RebuildReport } from './rebuild.ts';

/**
 * Writes the marks of dedupe anew from the events that passed it, for where their own topic was damaged: what was accepted
 * in the last window before the newest event of each partition. Whoever does it has stopped telemetry and emptied what is
 * damaged; what is there already is only said twice. A dry run reads, and writes nothing.
 */
export async function rebuildMarks(
  deps: RebuildDeps,
  dedupeOptions: DedupeOptions,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { log, clock } = deps;
  const startMs = clock.nowMs();
  const topology = marking(dedupeOptions);
  let records = 0;
  let oldestMs: number | null = null;
  for (let partition = 0; partition < log.partitionCount(topics.enriched); partition++) {
    const task = taskOf(deps, topology, partition);
    const fromMs = (await newestMs(deps, partition)) - dedupeOptions.windowMs;
    for await (const bytes of log.readAll(topics.enriched, partition)) {
      if (isStampedByLog(bytes) && maxTimestampMs(bytes) < fromMs) continue;
      records += recordCount(bytes);
      oldestMs = Math.min(oldestMs ?? Infinity, maxTimestampMs(bytes));
      options.onProgress?.({ records, expected: records });
      if (!options.dryRun) await mark(deps, task, partition, bytes);
    }
  }
  const verb = options.dryRun ? 'would be written' : 'were written';
  const remark = `The marks of the events of the last dedupe window ${verb}, from the enriched topic.`;
  const elapsedMs = clock.nowMs() - startMs;
  return { target: 'marks', dryRun: options.dryRun, records, oldestMs, rejected: 0, elapsedMs, remark };
}

/** An enriched record has the raw one's headers, which are all that dedupe reads. */
function marking(options: DedupeOptions): Topology {
  return from('rebuild-marks', {
    topics: [topics.enriched],
    format: rawFormat,
    ingestTimeField: 'ingestTime',
  })
    .through(dedupe(options))
    .to({ topic: topics.enriched, partitionBy: 'same', value: 'as-is' })
    .build();
}

function taskOf({ log, clock, random }: RebuildDeps, topology: Topology, partition: number): PartitionTask {
  const metrics = topology.stages.map((stage) => new StageMetrics(stage.name));
  const stopwatchMs = (): number => clock.nowMs();
  const deps = { topology, partition, log, clock, random, metrics, stopwatchMs, recordsAs: 'bytes' } as const;
  return new PartitionTask({ ...deps, deadLetterTopic: topics.deadLetters });
}

/** When the partition's last batch was written, as far as its log says that; otherwise all of it counts. */
async function newestMs({ log }: RebuildDeps, partition: number): Promise<number> {
  let newest = Number.NEGATIVE_INFINITY;
  for await (const bytes of log.readAll(topics.enriched, partition)) {
    if (isStampedByLog(bytes)) newest = Math.max(newest, maxTimestampMs(bytes));
  }
  return newest;
}

/** Of what the task would write, the marks alone. */
async function mark(
  { log }: RebuildDeps,
  task: PartitionTask,
  partition: number,
  bytes: Buffer,
): Promise<void> {
  const neither = (): Promise<void> => Promise.resolve();
  const place = {
    topic: topics.enriched,
    partition,
    count: recordCount(bytes),
    firstOffset: 0,
    nextOffset: 0,
  };
  await task.process({ ...place, bytes, revoked: new AbortController().signal, ack: neither, nack: neither });
  const transaction = log.begin();
  const marksOnly: Transaction = {
    append: (topic, to, batch, isSealedHere) => {
      if (topic === topics.marks) transaction.append(topic, to, batch, isSealedHere);
    },
    commit: (consumed) => transaction.commit(consumed),
    abort: () => transaction.abort(),
  };
  task.moveTo(marksOnly);
  await marksOnly.commit([]);
  task.settle();
}
