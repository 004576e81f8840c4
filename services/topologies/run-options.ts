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
export interface RunPace {
  readonly transportMs: number;
  readonly detectMs: number;
  readonly alertsMs: number;
}

/** Of a log in this process. */
export const embeddedPace: RunPace = { transportMs: 25, detectMs: 50, alertsMs: 50 };

/** Of a log on brokers, where a transaction takes a dozen requests and wakes every reader of what it wrote. */
export const sharedPace: RunPace = { transportMs: 100, detectMs: 200, alertsMs: 250 };

/** What every pipeline needs. */
export interface PipelineDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly pace: RunPace;
  /** Told of each partition whose state a pipeline read back. */
  readonly onRestored?: OnRestored;
}

export type OnRestored = (pipeline: string, partition: number, restored: Restored) => void;

export function runOptions(
  { log, clock, pace, onRestored }: PipelineDeps,
  pipeline: string,
): Omit<RunOptions, 'source'> {
  return {
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(randomInt(2 ** 32)),
    stopwatchMs: () => performance.now(),
    lingerMs: pace.transportMs,
    onRestored: (partition, restored) => onRestored?.(pipeline, partition, restored),
  };
}
