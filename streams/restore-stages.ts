import { OpenFrameError } from '../contracts/errors.ts';
import { recordAt } from './bytes-record.ts';
import { RecordCursor } from './record-cursor.ts';
import { addRestored, nothingRestored, type Restored } from './restored.ts';
import type { Changelog, Stage, StageTask } from './stage.ts';
import { firstFormat, stateFormatOf } from './state-format.ts';
import type { TransactionalLog } from './transaction.ts';

export interface RestoreDeps {
  readonly partition: number;
  readonly log: Pick<TransactionalLog, 'readAll'>;
  /** A monotonic clock in milliseconds with fractions. */
  readonly stopwatchMs: () => number;
}

/**
 * Reads the state of one partition's stages back from their changelogs, one stage after the other: once, before the
 * first batch. Null where no stage has any. Throws what reading throws, `STATE_CORRUPT` where what stands there is
 * damaged, and `DATA_FOLDER_TOO_NEW` where a newer version wrote it.
 */
export async function restoreStages(
  stages: readonly Stage[],
  tasks: readonly StageTask[],
  deps: RestoreDeps,
): Promise<Restored | null> {
  const startMs = deps.stopwatchMs();
  const restored: Restored[] = [];
  for (const [i, { name, changelog }] of stages.entries()) {
    const task = tasks[i];
    if (changelog === undefined || task?.restore === undefined) continue;
    try {
      restored.push(await restoreStage(task, changelog, deps));
    } catch (error) {
      throw isDamage(error) ? damagedState(name, changelog.topic, deps.partition, error) : error;
    }
  }
  if (restored.length === 0) return null;
  const elapsedMs = deps.stopwatchMs() - startMs;
  return { ...restored.reduce(addRestored, nothingRestored), partitions: 1, elapsedMs };
}

function tooNew(topic: string, found: number, known: number): OpenFrameError {
  const message =
    `The changelog ${topic} holds state of format ${found}, and this version knows ${known}: run the version that wrote ` +
    `it, or a newer one. Nothing of it is used and nothing was written.`;
  return new OpenFrameError('DATA_FOLDER_TOO_NEW', message, { details: { topic, found, known } });
}

function isDamage(error: unknown): error is OpenFrameError {
  return (
    error instanceof OpenFrameError && (error.code === 'BATCH_CORRUPT' || error.code === 'STATE_CORRUPT')
  );
}

function damagedState(
  stage: string,
  topic: string,
  partition: number,
  cause: OpenFrameError,
): OpenFrameError {
  const message =
    `The state of '${stage}' cannot be read back from partition ${partition} of its changelog ${topic}: ` +
    `${cause.message} None of it is used and nothing was written: see docs/operations.md, "A damaged changelog".`;
  return new OpenFrameError('STATE_CORRUPT', message, { cause, details: { stage, topic, partition } });
}

async function restoreStage(
  task: StageTask,
  { topic, format = firstFormat, reads = format }: Changelog,
  { log, partition }: RestoreDeps,
): Promise<Restored> {
  const cursor = new RecordCursor();
  let [records, sizeBytes] = [0, 0];
  for await (const batch of log.readAll(topic, partition)) {
    sizeBytes += batch.length;
    cursor.reset(batch);
    for (; cursor.next(); records++) {
      const record = recordAt(cursor);
      if (stateFormatOf(record) > reads) throw tooNew(topic, stateFormatOf(record), reads);
      task.restore?.(record);
    }
  }
  return { ...nothingRestored, records, sizeBytes, entries: task.entries?.() ?? records };
}
