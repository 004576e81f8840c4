import { recordAt } from './bytes-record.ts';
import { RecordCursor } from './record-cursor.ts';
import { addRestored, nothingRestored, type Restored } from './restored.ts';
import type { Stage, StageTask } from './stage.ts';
import type { TransactionalLog } from './transaction.ts';

export interface RestoreDeps {
  readonly partition: number;
  readonly log: Pick<TransactionalLog, 'readAll'>;
  /** A monotonic clock in milliseconds with fractions. */
  readonly stopwatchMs: () => number;
}

/**
 * Reads the state of one partition's stages back from their changelogs, one stage after the other: once, before the
 * first batch. Null where no stage has any. Throws what reading throws, and `STATE_CORRUPT` from a stage.
 */
export async function restoreStages(
  stages: readonly Stage[],
  tasks: readonly StageTask[],
  deps: RestoreDeps,
): Promise<Restored | null> {
  const startMs = deps.stopwatchMs();
  const restored: Restored[] = [];
  for (const [i, { changelog }] of stages.entries()) {
    const task = tasks[i];
    if (changelog === undefined || task?.restore === undefined) continue;
    restored.push(await restoreStage(task, changelog.topic, deps));
  }
  if (restored.length === 0) return null;
  const elapsedMs = deps.stopwatchMs() - startMs;
  return { ...restored.reduce(addRestored, nothingRestored), partitions: 1, elapsedMs };
}

async function restoreStage(
  task: StageTask,
  topic: string,
  { log, partition }: RestoreDeps,
): Promise<Restored> {
  const cursor = new RecordCursor();
  let [records, sizeBytes] = [0, 0];
  for await (const batch of log.readAll(topic, partition)) {
    sizeBytes += batch.length;
    cursor.reset(batch);
    for (; cursor.next(); records++) task.restore?.(recordAt(cursor));
  }
  return { ...nothingRestored, records, sizeBytes, entries: task.entries?.() ?? records };
}
