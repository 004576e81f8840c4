import type { DatabaseSync } from 'node:sqlite';

import type { ConsumedPosition } from '../../streams/source.ts';
import { inTransaction } from './database.ts';
import type { Settled } from './group-commit.ts';
import { type Assignment, type LogGroups, revokedError } from './log-groups.ts';
import type { LogTopics } from './log-topics.ts';

export interface LogWrite {
  readonly outputs: readonly { readonly topic: string; readonly partition: number; readonly batch: Buffer }[];
  readonly consumed: readonly ConsumedPosition[];
}

/** The first offset of each output. */
export type WrittenOffsets = readonly number[];

export interface LogCommitDeps {
  readonly db: DatabaseSync;
  readonly topics: LogTopics;
  readonly groups: LogGroups;
  /** Notices what other threads and processes committed. */
  readonly refresh: () => void;
}

/**
 * Gives the function that stores a group of writes in one SQLite transaction. A write whose position has
 * been revoked is left out alone; any other fault stores none of them.
 */
export function createLogCommit(deps: LogCommitDeps) {
  const { db, topics, groups } = deps;
  const upsertOffset = db.prepare(
    `INSERT INTO offsets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
     SET committed_offset = MAX(committed_offset, excluded.committed_offset)`,
  );

  const writeOne = (write: LogWrite): Settled<WrittenOffsets> => {
    for (const position of write.consumed) {
      if (groups.current(position) === undefined) {
        return { error: revokedError(position.topic, position.partition) };
      }
    }
    const offsets = write.outputs.map((o) => topics.lane(o.topic, o.partition).append(o.batch));
    for (const { group, topic, partition, nextOffset } of write.consumed) {
      upsertOffset.run(group, topic, partition, nextOffset);
    }
    return { result: offsets };
  };

  return (writes: readonly LogWrite[]): readonly Settled<WrittenOffsets>[] => {
    let settled: readonly Settled<WrittenOffsets>[];
    try {
      settled = inTransaction(db, () => {
        deps.refresh();
        return writes.map(writeOne);
      });
    } catch (error) {
      topics.forget();
      throw error;
    }
    writes.forEach((write, i) => {
      const outcome = settled[i];
      if (outcome === undefined || !('result' in outcome)) return;
      moveFloors(groups, write.consumed);
      for (const { topic, partition } of write.outputs) topics.lane(topic, partition).settle();
    });
    return settled;
  };
}

function moveFloors(groups: LogGroups, consumed: readonly ConsumedPosition[]): void {
  for (const position of consumed) {
    const assignment: Assignment | undefined = groups.current(position);
    assignment?.ledger.advanceTo(position.nextOffset);
    if (assignment !== undefined) {
      assignment.position = Math.max(assignment.position, position.nextOffset);
    }
  }
}
