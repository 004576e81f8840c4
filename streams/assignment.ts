import type { PartitionTask } from './partition-task.ts';
import type { ConsumedPosition } from './source.ts';

/** What a run holds of one partition while it is assigned. */
export interface Assignment {
  readonly generation: number;
  /** Undefined after a fault: memory may be ahead of the log then, so it is made anew from the changelogs. */
  task: PartitionTask | undefined;
  /** What was consumed last: committed again with timers' outputs, so that a lost partition is fenced. */
  position: ConsumedPosition | undefined;
  /** False until a batch has committed: after a commit whose answer was lost, `position` may be behind the log. */
  settled: boolean;
  revoked: AbortSignal;
}

export function newAssignment(generation: number, revoked: AbortSignal): Assignment {
  return { generation, task: undefined, position: undefined, settled: false, revoked };
}
