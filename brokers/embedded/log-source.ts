import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { Batch, ReadOptions, Source } from '../../streams/source.ts';
import type { ChangeWatch } from './change-watch.ts';
import type { StorageFaults } from './database.ts';
import type { StoredBatch, Lane } from './lane.ts';
import { type Assignment, type LogGroups, type Member, revokedError } from './log-groups.ts';

export interface LogSourceDeps {
  readonly member: Member;
  readonly groups: LogGroups;
  readonly watch: ChangeWatch;
  readonly lane: (topic: string, partition: number) => Lane;
  /** Commits the group's offset of the assignment durably. Throws `BATCH_REVOKED`. */
  readonly commitOffset: (assignment: Assignment, generation: number, offset: number) => Promise<void>;
  /** Notices what other threads and processes committed. */
  readonly refresh: () => void;
  readonly leave: () => void;
  readonly faults: StorageFaults;
}

/** A member of a group reading its partitions in turn, one batch of each at a time. */
export function createLogSource(deps: LogSourceDeps): Source {
  const { member, groups, watch } = deps;
  let turn = 0;
  let closed = false;

  const readNext = (maxRecords: number): Batch | undefined => {
    deps.refresh();
    const assignments = groups.assignments(member);
    for (let i = 0; i < assignments.length; i++) {
      const assignment = assignments[(turn + i) % assignments.length];
      const batch = assignment === undefined ? undefined : readAssignment(deps, assignment, maxRecords);
      if (batch === undefined) continue;
      turn = (turn + i + 1) % assignments.length;
      return { ...batch, moreWaits: assignments.some((other) => waits(deps, other)) };
    }
    return undefined;
  };

  return {
    name: `${member.group}:${member.topics.join(',')}`,
    async *read({ maxRecords, maxWaitMs, signal }: ReadOptions) {
      const goesOn = (): boolean => !signal.aborted && !closed;
      const next = (): Batch | undefined =>
        goesOn() ? reading(deps, () => readNext(maxRecords)) : undefined;
      reading(deps, () => {
        for (const assignment of groups.assignments(member)) {
          if (assignment.ledger.hasOpen) groups.redeliver(assignment);
        }
      });
      while (goesOn()) {
        // Records may never run out: without this, timers and sockets of the process would starve behind them.
        await turnOfEventLoop();
        const batch = next() ?? (await watch.waitFor(next, maxWaitMs, signal)) ?? null;
        if (batch !== null || goesOn()) yield batch;
      }
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      deps.leave();
      watch.notify();
    },
  };
}

function reading<T>({ member, faults }: LogSourceDeps, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw faults.of(error, 'STORE_UNAVAILABLE', `Reading ${member.topics.join(', ')} failed`);
  }
}

/** A stored batch of so many records is delivered by itself; smaller ones are joined, so that they share a commit. */
const aloneFromRecords = 1024;

function readAssignment(deps: LogSourceDeps, assignment: Assignment, maxRecords: number): Batch | undefined {
  if (!waits(deps, assignment)) return undefined;
  const lane = deps.lane(assignment.topic, assignment.partition);
  const { position } = assignment;
  const stored = lane.readRecords(position, maxRecords);
  const first = stored[0];
  if (first === undefined) {
    assignment.position = lane.endOffset();
    return undefined;
  }
  const joined = first.count >= aloneFromRecords ? first : joinBatches(stored);
  assignment.position = joined.nextOffset;
  return createBatch(deps, assignment, joined, position);
}

/** Whether the partition holds records that were not delivered yet. */
function waits(deps: LogSourceDeps, { topic, partition, position }: Assignment): boolean {
  return position < deps.lane(topic, partition).endOffset();
}

/** Batches that follow each other, as one. */
export function joinBatches(stored: readonly StoredBatch[]): StoredBatch {
  const first = stored[0];
  const last = stored.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('There is no batch to join.');
  if (stored.length === 1) return first;
  return {
    firstOffset: first.firstOffset,
    nextOffset: last.nextOffset,
    count: stored.reduce((sum, batch) => sum + batch.count, 0),
    bytes: Buffer.concat(stored.map((batch) => batch.bytes)),
  };
}

function createBatch(
  deps: LogSourceDeps,
  assignment: Assignment,
  stored: StoredBatch,
  position: number,
): Batch {
  const { group, topic, partition, generation, ledger, revoked } = assignment;
  const { bytes, count, nextOffset } = stored;
  const delivery = ledger.deliver(position, nextOffset);
  const consumed = { group, topic, partition, nextOffset, generation };
  return {
    topic,
    partition,
    bytes,
    count,
    firstOffset: Math.max(position, stored.firstOffset),
    nextOffset,
    position: consumed,
    revoked,
    async ack() {
      if (deps.groups.current(consumed) === undefined) throw revokedError(topic, partition);
      const before = ledger.floor;
      const floor = ledger.ack(delivery);
      if (floor > before || delivery.nextOffset <= floor) {
        await deps.commitOffset(assignment, generation, floor);
      }
    },
    async nack() {
      if (deps.groups.current(consumed) === undefined) return;
      reading(deps, () => deps.groups.redeliver(assignment));
      deps.watch.notify();
    },
  };
}
