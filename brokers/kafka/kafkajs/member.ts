import type { Consumer } from 'kafkajs';

import { OpenFrameError } from '../../../contracts/errors.ts';
import type { FetchOptions, KafkaMember, Place, PlaceOffset } from '../client.ts';
import { byTopic } from '../platformatic/wire/by-topic.ts';
import type { GroupIdentity } from '../platformatic/wire/transaction.ts';
import type { Administration } from './administrator.ts';
import type { ConsumerFeed } from './consumer-feed.ts';
import { kafkajsError } from './faults.ts';

/** A member of the classic group protocol: each change of the group takes all partitions and gives them anew. */
export class GroupMember implements KafkaMember {
  readonly group: string;
  readonly #consumer: Consumer;
  readonly #feed: ConsumerFeed;
  readonly #administration: Administration;
  readonly #identity: () => GroupIdentity | undefined;

  constructor(
    group: string,
    deps: {
      readonly consumer: Consumer;
      readonly feed: ConsumerFeed;
      readonly administration: Administration;
      /** As whom the group knows this member since it last gave partitions. */
      readonly identity: () => GroupIdentity | undefined;
    },
  ) {
    this.group = group;
    this.#consumer = deps.consumer;
    this.#feed = deps.feed;
    this.#administration = deps.administration;
    this.#identity = deps.identity;
  }

  /** As whom to commit the offsets of these places. Throws `BATCH_REVOKED` where one is not this member's. */
  identity(places: readonly Place[]): GroupIdentity {
    const owned = this.#feed.places;
    const lost = places.find((p) => !owned.some((o) => o.topic === p.topic && o.partition === p.partition));
    const identity = this.#identity();
    if (identity !== undefined && lost === undefined) return identity;
    const what = lost === undefined ? 'A partition' : `Partition ${lost.partition} of ${lost.topic}`;
    const message = `${what} is no longer this process's in the group ${this.group}: discard what was made of it.`;
    throw new OpenFrameError('BATCH_REVOKED', message);
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions) {
    return this.#feed.fetch(from, options);
  }

  async committed(places: readonly Place[]): Promise<readonly PlaceOffset[]> {
    const all = await this.#administration.groupOffsets(this.group);
    return all.filter((o) => places.some((p) => p.topic === o.topic && p.partition === o.partition));
  }

  async commit(offsets: readonly PlaceOffset[]): Promise<void> {
    this.identity(offsets);
    try {
      const texts = offsets.map((place) => ({ ...place, offset: String(place.offset) }));
      await this.#consumer.commitOffsets(texts);
    } catch (error) {
      throw kafkajsError(error, `Committing offsets of the group ${this.group}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feed[Symbol.asyncDispose]();
  }
}

/** Offsets as a transaction of kafkajs takes them. */
export function offsetsByTopic(offsets: readonly PlaceOffset[]) {
  return byTopic(offsets).map(([topic, places]) => ({
    topic,
    partitions: places.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
  }));
}
