import { randomInt } from 'node:crypto';

import type { Log } from '../../brokers/log.ts';
import { topics } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import type { Restored } from '../../streams/restored.ts';
import type { RunOptions } from '../../streams/run.ts';

/**
 * How long a run waits for a fuller batch: what a commit costs is shared by its records. Detection and alerts write
 * much for few reports, and what is reported again within a batch is written once.
 */
export const lingerMs = { transport: 25, detect: 50, alerts: 200 } as const;

/** What every pipeline needs. */
export interface PipelineDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Told of each partition whose state a pipeline read back. */
  readonly onRestored?: OnRestored;
}

export type OnRestored = (pipeline: string, partition: number, restored: Restored) => void;

export function runOptions(
  { log, clock, onRestored }: PipelineDeps,
  pipeline: string,
): Omit<RunOptions, 'source'> {
  return {
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(randomInt(2 ** 32)),
    stopwatchMs: () => performance.now(),
    lingerMs: lingerMs.transport,
    onRestored: (partition, restored) => onRestored?.(pipeline, partition, restored),
  };
}
