import { OpenFrameError } from '../../contracts/errors.ts';
import { checkBatch, checkBatchFrame } from '../../streams/record-batch.ts';
import type { ConsumedPosition } from '../../streams/source.ts';
import type { Transaction } from '../../streams/transaction.ts';
import type { Assignment } from './assignment.ts';
import type { BatchFor, ConsumedOffset, Place } from './client.ts';
import type { LogGroups } from './log-groups.ts';
import type { LaneWork } from './transaction-lane.ts';

export interface LogTransactionDeps {
  /** A partition by its name on the brokers; throws `ARGUMENT_INVALID`. */
  readonly place: (topic: string, partition: number) => Place;
  readonly groups: LogGroups;
  readonly commit: (work: LaneWork) => Promise<void>;
}

/** Stages in memory: nothing is sent before the commit, so what is aborted or cut leaves no trace at all. */
export class LogTransaction implements Transaction {
  readonly #deps: LogTransactionDeps;
  #outputs: Output[] = [];
  #ended = false;
  /** A commit failed: it may have come through all the same, with its answer lost. */
  #uncertain = false;

  constructor(deps: LogTransactionDeps) {
    this.#deps = deps;
  }

  append(topic: string, partition: number, batch: Buffer, isSealedHere = false): void {
    this.#checkOpen();
    this.#outputs.push({ topic, partition, batch, isSealedHere });
  }

  async commit(consumed: readonly ConsumedPosition[]): Promise<void> {
    this.#checkOpen();
    const { groups, place, commit } = this.#deps;
    const batches: BatchFor[] = this.#outputs.map(({ topic, partition, batch, isSealedHere }) => {
      if (isSealedHere) checkBatchFrame(batch);
      else checkBatch(batch);
      return { ...place(topic, partition), batch };
    });
    const held = consumed.map((position) => ({ position, assignment: groups.current(position) }));
    if (this.#uncertain && (await isCommitted(held, place))) return this.#settle(held);
    const offsets = held.map(({ position, assignment }): ConsumedOffset => {
      const { topic, partition, nextOffset } = position;
      return { ...place(topic, partition), offset: nextOffset, member: assignment.member };
    });
    const check = (): void => {
      for (const position of consumed) groups.current(position);
    };
    try {
      await commit({ batches, consumed: offsets, check });
    } catch (error) {
      this.#uncertain = true;
      throw error;
    }
    this.#settle(held);
  }

  async abort(): Promise<void> {
    this.#ended = true;
    this.#outputs = [];
  }

  #settle(held: readonly Held[]): void {
    this.#ended = true;
    this.#outputs = [];
    for (const { position, assignment } of held) {
      const isCurrent = assignment.generation === position.generation;
      if (isCurrent) assignment.ledger.advanceTo(position.nextOffset);
    }
  }

  #checkOpen(): void {
    if (!this.#ended) return;
    throw new OpenFrameError('ARGUMENT_INVALID', 'The transaction has ended: begin another.');
  }
}

interface Output extends Place {
  readonly batch: Buffer;
  readonly isSealedHere: boolean;
}

interface Held {
  readonly position: ConsumedPosition;
  readonly assignment: Assignment;
}

/** Outputs and offsets become durable together: the group's offsets tell whether both did. */
async function isCommitted(held: readonly Held[], place: LogTransactionDeps['place']): Promise<boolean> {
  const [first] = held;
  if (first === undefined) return false;
  const { topic, partition, nextOffset } = first.position;
  const [committed] = await first.assignment.member.committed([place(topic, partition)]);
  return committed !== undefined && committed.offset >= nextOffset;
}
