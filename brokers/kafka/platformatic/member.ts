import { consumerGroupHeartbeatV1, offsetCommitV9 } from '@platformatic/kafka';

import { OpenFrameError } from '../../../contracts/errors.ts';
import type { AssignmentListener, FetchOptions, KafkaMember, Place, PlaceOffset } from '../client.ts';
import { committedOffsets } from './admin.ts';
import type { Cluster } from './cluster.ts';
import { faultCode, isExpelled, isPassing, logError, protocolFault } from './faults.ts';
import { FetchReader } from './fetch-reader.ts';
import { takeOut } from './former-members.ts';
import { byTopic } from './wire/by-topic.ts';
import type { GroupIdentity } from './wire/transaction.ts';

const joinEpoch = 0;
/** The broker says how often it wants to hear from us; oftener makes partitions move sooner. */
const longestIntervalMs = 500;
const unassignedIntervalMs = 100;
const joinWaitMs = 5000;
const afterFaultMs = 100;
const rebalanceTimeoutMs = 30_000;
const epochAttempts = 10;

/** As whom to join which group, and what to read there. */
export interface GroupMembership {
  readonly group: string;
  readonly topics: readonly string[];
  readonly memberId: string;
}

type Assignment = NonNullable<consumerGroupHeartbeatV1.ConsumerGroupHeartbeatResponse['assignment']>;

/**
 * A member by the protocol of KIP-848: one heartbeat after the other tells the group what this member has and brings
 * what it shall have. What is to be given up is given up before the next heartbeat says so.
 */
export class GroupMember implements KafkaMember {
  readonly group: string;
  readonly memberId: string;
  readonly #cluster: Cluster;
  readonly #topics: readonly string[];
  readonly #listener: AssignmentListener;
  readonly #reader: FetchReader;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #epoch = joinEpoch;
  #owned: readonly Place[] = [];
  #ownedWire: Assignment['topicPartitions'] = [];
  #intervalMs = unassignedIntervalMs;
  #fault: OpenFrameError | undefined;
  #heard: (() => void)[] = [];
  readonly #running: Promise<void>;

  /** `memberId` is new, and nobody else's. */
  constructor(cluster: Cluster, { group, topics, memberId }: GroupMembership, listener: AssignmentListener) {
    this.group = group;
    this.memberId = memberId;
    this.#cluster = cluster;
    this.#topics = topics;
    this.#listener = listener;
    this.#reader = new FetchReader(cluster);
    this.#running = this.#beat();
  }

  /** Resolves once it has partitions, or when it is plain that there are none for it. Throws what stops it. */
  async joined(): Promise<void> {
    const { clock } = this.#cluster.options;
    const endsAtMs = clock.nowMs() + joinWaitMs;
    while (this.#owned.length === 0 && clock.nowMs() < endsAtMs) {
      this.#throwFault();
      await this.#nextBeat();
    }
    this.#throwFault();
  }

  /** As whom to commit the offsets of these places. Throws `BATCH_REVOKED` where one is not this member's. */
  identity(places: readonly Place[]): GroupIdentity {
    const lost = places.find((place) => !this.#owns(place));
    if (lost !== undefined || this.#epoch <= 0) throw expelledError(this.group, lost);
    return { group: this.group, memberId: this.memberId, generation: this.#epoch };
  }

  /**
   * Runs a commit of the places' offsets as the member of the current generation. The generation rises whenever
   * others join or leave: the commit is repeated where the group knew of that before this member did.
   */
  async asMember<T>(places: readonly Place[], work: (identity: GroupIdentity) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const identity = this.identity(places);
      try {
        return await work(identity);
      } catch (error) {
        const isStale = protocolFault(error)?.code === faultCode.staleMemberEpoch;
        if (!isStale || attempt === epochAttempts) throw error;
        this.#wake.abort();
        await this.#nextBeat();
      }
    }
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions) {
    this.#throwFault();
    return this.#reader.fetch(from, options);
  }

  async committed(places: readonly Place[]): Promise<readonly PlaceOffset[]> {
    return committedOffsets(this.#cluster, this.group, places);
  }

  async commit(offsets: readonly PlaceOffset[]): Promise<void> {
    const topics = byTopic(offsets).map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: -1,
        committedMetadata: null,
      })),
    }));
    const doing = `Committing offsets of the group ${this.group}`;
    await this.#cluster.persist(doing, async () => {
      await this.asMember(offsets, async ({ memberId, generation }) => {
        const connection = await this.#cluster.connectToGroup(this.group);
        await offsetCommitV9.api.async(connection, this.group, generation, memberId, null, topics);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return this.#running;
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
    this.#own([], []);
    await this.#leave();
    await this.#reader[Symbol.asyncDispose]();
  }

  async #beat(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#fault === undefined) {
      let waitMs = this.#owned.length === 0 ? unassignedIntervalMs : this.#intervalMs;
      try {
        if (await this.#heartbeat()) waitMs = 0;
      } catch (error) {
        waitMs = this.#handle(error);
      }
      for (const tell of this.#heard.splice(0)) tell();
      this.#wake = new AbortController();
      if (!this.#stop.signal.aborted) await this.#cluster.options.clock.sleep(waitMs, this.#wake.signal);
    }
    for (const tell of this.#heard.splice(0)) tell();
  }

  /** True where there is something to tell the group at once. */
  async #heartbeat(): Promise<boolean> {
    const answer = await this.#tell();
    if (this.#stop.signal.aborted) return false;
    this.#epoch = answer.memberEpoch;
    this.#intervalMs = Math.min(answer.heartbeatIntervalMs, longestIntervalMs);
    if (answer.assignment === null) return false;
    const places: Place[] = [];
    for (const { topicId, partitions } of answer.assignment.topicPartitions) {
      const topic = await this.#cluster.topicById(topicId);
      if (topic === undefined) continue;
      for (const partition of partitions) places.push({ topic: topic.name, partition });
    }
    return this.#own(places, answer.assignment.topicPartitions);
  }

  async #tell() {
    const connection = await this.#cluster.connectToGroup(this.group);
    return consumerGroupHeartbeatV1.api.async(
      connection,
      this.group,
      this.memberId,
      this.#epoch,
      null,
      null,
      rebalanceTimeoutMs,
      [...this.#topics],
      null,
      null,
      this.#epoch === joinEpoch ? [] : this.#ownedWire,
    );
  }

  /** Moves to what is assigned now; true where that changed. */
  #own(places: readonly Place[], wire: Assignment['topicPartitions']): boolean {
    const before = this.#owned;
    const lost = before.filter((place) => !places.some((other) => isSame(place, other)));
    const won = places.filter((place) => !before.some((other) => isSame(place, other)));
    this.#owned = places;
    this.#ownedWire = wire;
    if (lost.length > 0) this.#listener.revoked(lost);
    if (won.length > 0) this.#listener.assigned(won);
    return lost.length + won.length > 0;
  }

  /** How long to wait after a fault. Whoever was expelled has nothing any more and joins anew. */
  #handle(error: unknown): number {
    if (isExpelled(error)) {
      this.#own([], []);
      this.#epoch = joinEpoch;
      return 0;
    }
    if (!isPassing(error)) this.#fault = logError(error, `Reading as a member of the group ${this.group}`);
    this.#cluster.forgetMoved(error);
    return afterFaultMs;
  }

  async #leave(): Promise<void> {
    if (this.#epoch <= 0) return;
    try {
      await takeOut(this.#cluster, this.group, this.memberId);
    } catch {
      // The group notices by itself when the session runs out.
    }
  }

  #nextBeat(): Promise<void> {
    if (this.#stop.signal.aborted || this.#fault !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#heard.push(resolve));
  }

  #owns(place: Place): boolean {
    return this.#owned.some((owned) => isSame(owned, place));
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

function isSame(a: Place, b: Place): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}

function expelledError(group: string, place: Place | undefined): OpenFrameError {
  const what = place === undefined ? 'This member' : `Partition ${place.partition} of ${place.topic}`;
  const message = `${what} is no longer this process's in the group ${group}: discard what was made of it.`;
  return new OpenFrameError('BATCH_REVOKED', message);
}
