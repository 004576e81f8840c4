import { OpenFrameError } from '../../../contracts/errors.ts';
import type { AssignmentListener, FetchOptions, KafkaMember, Place, PlaceOffset } from '../client.ts';
import type { ConfluentDeps } from './configuration.ts';
import { ConsumerFeed } from './consumer-feed.ts';
import { isStaleGeneration, nativeError } from './faults.ts';
import { called, type NativeConsumer, type TopicPartition } from './librdkafka.ts';

const joinWaitMs = 3000;
const joinPollMs = 20;
const attempts = 10;
const heartbeatMs = 100;

/**
 * By the classic protocol, cooperatively: what does not move stays. librdkafka speaks that of KIP-848 too, but then
 * tells and hears changes at the broker's interval alone, 5 s by default: partitions would wait for that unread.
 */
const groupConfig = {
  'group.protocol': 'classic',
  'partition.assignment.strategy': 'cooperative-sticky',
  'heartbeat.interval.ms': 300,
  'session.timeout.ms': 10_000,
};

/** A member of a group whose partitions move one by one. */
export class GroupMember implements KafkaMember {
  readonly group: string;
  readonly #deps: ConfluentDeps;
  readonly #feed: ConsumerFeed;

  constructor(deps: ConfluentDeps, group: string, listener: AssignmentListener) {
    this.group = group;
    this.#deps = deps;
    this.#feed = new ConsumerFeed(deps, group, groupConfig, listener);
  }

  /** Who commits: librdkafka knows its member id and epoch. */
  get consumer(): NativeConsumer {
    return this.#feed.consumer;
  }

  async join(topics: readonly string[]): Promise<void> {
    const { clock } = this.#deps.options;
    try {
      await this.#feed.start(() => this.#feed.consumer.subscribe([...topics]));
    } catch (error) {
      throw nativeError(error, `Joining the group ${this.group}`);
    }
    const endsAtMs = clock.nowMs() + joinWaitMs;
    while (this.#feed.places.length === 0 && clock.nowMs() < endsAtMs) await clock.sleep(joinPollMs);
  }

  /** Throws `BATCH_REVOKED` where one of the places is not this member's now. */
  checkOwns(places: readonly Place[]): void {
    const owned = this.#feed.places;
    const lost = places.find((p) => !owned.some((o) => o.topic === p.topic && o.partition === p.partition));
    if (lost === undefined) return;
    const what = `Partition ${lost.partition} of ${lost.topic}`;
    const message = `${what} is no longer this process's in the group ${this.group}: discard what was made of it.`;
    throw new OpenFrameError('BATCH_REVOKED', message);
  }

  /**
   * Runs a commit of the places' offsets. The member's generation rises whenever others join or leave: the commit is
   * repeated where the group knew of that before librdkafka did.
   */
  async asMember(places: readonly Place[], work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.checkOwns(places);
      try {
        await work();
        return;
      } catch (error) {
        if (!isStaleGeneration(error) || attempt === attempts) throw error;
      }
      await this.#deps.options.clock.sleep(heartbeatMs);
    }
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions) {
    return this.#feed.fetch(from, options);
  }

  async committed(places: readonly Place[]): Promise<readonly PlaceOffset[]> {
    const timeoutMs = this.#deps.options.requestTimeoutMs;
    const asked = places.map(({ topic, partition }) => ({ topic, partition }));
    try {
      const found = await called<readonly TopicPartition[]>((done) =>
        this.consumer.committed(asked, timeoutMs, done),
      );
      return found.flatMap(({ topic, partition, offset }) =>
        offset === undefined || offset < 0 ? [] : [{ topic, partition, offset }],
      );
    } catch (error) {
      throw nativeError(error, `Asking for the offsets of the group ${this.group}`);
    }
  }

  async commit(offsets: readonly PlaceOffset[]): Promise<void> {
    const asked = offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    try {
      await this.asMember(offsets, () => called((done) => this.consumer.commitCb(asked, done)));
    } catch (error) {
      throw nativeError(error, `Committing offsets of the group ${this.group}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feed.leave();
    await this.#feed[Symbol.asyncDispose]();
  }
}
