import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { Clock } from '../../streams/clock.ts';
import type { Batch, ConsumedPosition, ReadOptions, Source } from '../../streams/source.ts';
import { type Assignment, type Joined, revokedError } from './assignment.ts';
import type { KafkaMember } from './client.ts';
import { OffsetCommits } from './offset-commits.ts';
import { longestSleepMs } from './sleep.ts';

export interface GroupSourceDeps {
  readonly clock: Clock;
  readonly group: string;
  readonly topics: readonly string[];
  readonly member: KafkaMember;
  /** What is this member's now, by topic and partition; changes under the source's hands. */
  readonly assignments: () => readonly Assignment[];
  /** The name of a topic on the brokers. */
  readonly nameOf: (topic: string) => string;
  /** Larger than every generation before. */
  readonly nextGeneration: () => number;
  readonly onClose: () => Promise<void>;
}

/** A partition is asked for more while less than this waits to be delivered. */
const enoughBytes = 1024 * 1024;
const fetchBytes = 8 * 1024 * 1024;
/**
 * Behind a smaller batch, with less behind it, nothing is asked for yet: what comes meanwhile comes by one request. But a
 * partition that has more than its batch keeps none of the others waiting that were not in the same answer.
 */
const aheadFromBytes = 256 * 1024;
/** What is assigned meanwhile is asked for this much later at most. */
const longestFetchMs = 250;

/**
 * A member of a group reading its partitions in turn. While a batch is worked on, the next ones are fetched; once
 * enough waits, nothing is asked of the brokers.
 */
export class GroupSource implements Source {
  readonly name: string;
  readonly #deps: GroupSourceDeps;
  readonly #commits: OffsetCommits;
  readonly #closed = new AbortController();
  #fetching: Promise<void> | undefined;
  #fault: Error | undefined;
  #turn = 0;
  #reuse = false;

  constructor(deps: GroupSourceDeps) {
    this.#deps = deps;
    this.#commits = new OffsetCommits(deps.member);
    this.name = `${deps.group}:${deps.topics.join(',')}`;
  }

  async *read({ maxRecords, maxWaitMs, signal, reuse = false }: ReadOptions): AsyncIterable<Batch | null> {
    const over = AbortSignal.any([signal, this.#closed.signal]);
    for (const assignment of this.#deps.assignments()) {
      if (assignment.ledger.hasOpen) assignment.redeliver(this.#deps.nextGeneration());
    }
    this.#fault = undefined;
    this.#reuse = reuse;
    while (!over.aborted) {
      // Records may never run out: without this, timers and sockets of the process would starve behind them.
      await turnOfEventLoop();
      const batch = this.#take(maxRecords) ?? (await this.#waitForBatch(maxRecords, maxWaitMs, over));
      if (batch === undefined) {
        if (over.aborted) return;
        this.#commitIdle();
        yield null;
      } else yield batch;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#deps.onClose();
  }

  async #waitForBatch(maxRecords: number, maxWaitMs: number, over: AbortSignal): Promise<Batch | undefined> {
    const { clock } = this.#deps;
    const stop = new AbortController();
    const timeUp = clock.sleep(Math.min(maxWaitMs, longestSleepMs), AbortSignal.any([over, stop.signal]));
    let isOver = false;
    const ended = timeUp.then(() => {
      isOver = true;
    });
    try {
      for (;;) {
        const batch = over.aborted ? undefined : this.#take(maxRecords);
        if (batch !== undefined || isOver || over.aborted) return batch;
        this.#fetchMore();
        await Promise.race([this.#fetching, ended]);
      }
    } finally {
      stop.abort();
    }
  }

  /** The next batch of the partition whose turn it is, and more is fetched behind it. */
  #take(maxRecords: number): Batch | undefined {
    if (this.#fault !== undefined) {
      const fault = this.#fault;
      this.#fault = undefined;
      throw fault;
    }
    const assignments = this.#deps.assignments();
    for (let i = 0; i < assignments.length; i++) {
      const assignment = assignments[(this.#turn + i) % assignments.length];
      const joined = assignment?.next(maxRecords);
      if (assignment === undefined || joined === undefined) continue;
      this.#turn = (this.#turn + i + 1) % assignments.length;
      const waitingBytes = assignments.reduce((sum, other) => sum + other.waitingBytes, 0);
      const isBehind = assignment.waitingBytes > 0;
      if (isBehind || joined.bytes.length + waitingBytes >= aheadFromBytes) this.#fetchMore();
      return { ...this.#batch(assignment, joined), moreWaits: waitingBytes > 0 };
    }
    return undefined;
  }

  #fetchMore(): void {
    this.#fetching ??= this.#fetch()
      .catch((error: unknown) => {
        this.#fault = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.#fetching = undefined;
      });
  }

  async #fetch(): Promise<void> {
    const { member, nameOf } = this.#deps;
    await this.#findStarts();
    const hungry = this.#deps
      .assignments()
      .flatMap((assignment) =>
        assignment.waitingBytes < enoughBytes && assignment.fetchOffset !== undefined
          ? [{ assignment, generation: assignment.generation, offset: assignment.fetchOffset }]
          : [],
      );
    if (hungry.length === 0 && this.#deps.assignments().length > 0) return;
    const from = hungry.map(({ assignment: { topic, partition }, offset }) => ({
      topic: nameOf(topic),
      partition,
      offset,
    }));
    const signal = this.#closed.signal;
    const found = await member.fetch(from, { maxWaitMs: longestFetchMs, maxBytes: fetchBytes, signal });
    for (const fetched of found) {
      const asked = hungry.find(
        ({ assignment }) =>
          nameOf(assignment.topic) === fetched.topic && assignment.partition === fetched.partition,
      );
      const isCurrent = asked !== undefined && asked.assignment.generation === asked.generation;
      if (isCurrent && !asked.assignment.revoked.aborted) asked.assignment.take(fetched);
    }
  }

  /** Asks the group from where to read what was newly assigned, or nacked. */
  async #findStarts(): Promise<void> {
    const { member, nameOf } = this.#deps;
    const fresh = this.#deps.assignments().filter(({ fetchOffset }) => fetchOffset === undefined);
    if (fresh.length === 0) return;
    const generations = fresh.map(({ generation }) => generation);
    const committed = await member.committed(
      fresh.map(({ topic, partition }) => ({ topic: nameOf(topic), partition })),
    );
    for (const [i, assignment] of fresh.entries()) {
      if (assignment.generation !== generations[i]) continue;
      const found = committed.find(
        (place) => place.topic === nameOf(assignment.topic) && place.partition === assignment.partition,
      );
      assignment.startAt(found?.offset ?? 0);
    }
  }

  /** Offsets that hold no record (a transaction's marker) are passed, so that nobody seems behind for ever. */
  #commitIdle(): void {
    for (const { ledger, idleAt, topic, partition } of this.#deps.assignments()) {
      if (idleAt === undefined || idleAt <= ledger.floor) continue;
      ledger.advanceTo(idleAt);
      // Nothing hangs on it, and the next commit passes them too.
      this.#commits.commit({ topic: this.#deps.nameOf(topic), partition, offset: idleAt }).catch(() => {});
    }
  }

  #batch(assignment: Assignment, joined: Joined): Batch {
    const { topic, partition, generation, ledger, revoked } = assignment;
    const { done, ...batch } = joined;
    const delivery = this.#reuse
      ? ledger.deliver(joined.nextOffset, done)
      : ledger.deliver(joined.nextOffset);
    const position: ConsumedPosition = {
      group: this.#deps.group,
      topic,
      partition,
      nextOffset: joined.nextOffset,
      generation,
    };
    const isVoid = (): boolean => revoked.aborted || assignment.generation !== generation;
    return {
      ...batch,
      topic,
      partition,
      position,
      revoked,
      ack: async () => {
        if (isVoid()) throw revokedError(topic, partition);
        const before = ledger.floor;
        const floor = ledger.ack(delivery);
        if (floor === before && delivery.nextOffset > floor) return;
        await this.#commits.commit({ topic: this.#deps.nameOf(topic), partition, offset: floor });
      },
      nack: async () => {
        if (!isVoid()) assignment.redeliver(this.#deps.nextGeneration());
      },
    };
  }
}
