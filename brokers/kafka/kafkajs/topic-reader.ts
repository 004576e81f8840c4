import { randomUUID } from 'node:crypto';

import type { Fetched, FetchOptions, KafkaReader, PlaceOffset } from '../client.ts';
import type { ConsumerFeed } from './consumer-feed.ts';
import { kafkajsError } from './faults.ts';

/**
 * Reads without a group's offsets. kafkajs gives partitions to members of groups alone, so each topic is read by the
 * only member of a group of a name of its own, which commits nothing and is gone when it leaves.
 */
export class TopicReader implements KafkaReader {
  readonly #join: (group: string, topic: string) => Promise<ConsumerFeed>;
  readonly #feeds = new Map<string, Promise<ConsumerFeed>>();

  constructor(join: (group: string, topic: string) => Promise<ConsumerFeed>) {
    this.#join = join;
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    const topics = [...new Set(from.map((place) => place.topic))];
    try {
      const answers = topics.map(async (topic) => {
        const feed = await this.#feed(topic);
        const places = from.filter((place) => place.topic === topic);
        return feed.fetch(places, topics.length === 1 ? options : { ...options, maxWaitMs: 0 });
      });
      const fetched = (await Promise.all(answers)).flat();
      if (fetched.length > 0 || topics.length < 2) return fetched;
      return await this.#first(topics, from, options);
    } catch (error) {
      await Promise.all(this.#forget());
      throw kafkajsError(error, `Reading ${topics.join(', ')}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#forget());
  }

  /** What the first topic brings that has anything. */
  async #first(
    topics: readonly string[],
    from: readonly PlaceOffset[],
    options: FetchOptions,
  ): Promise<readonly Fetched[]> {
    const over = new AbortController();
    const signal = AbortSignal.any([options.signal, over.signal]);
    const waits = topics.map(async (topic) => {
      const feed = await this.#feed(topic);
      const places = from.filter((place) => place.topic === topic);
      const fetched = await feed.fetch(places, { ...options, signal });
      if (fetched.length > 0) over.abort();
      return fetched;
    });
    return (await Promise.all(waits)).flat();
  }

  #feed(topic: string): Promise<ConsumerFeed> {
    const known = this.#feeds.get(topic);
    if (known !== undefined) return known;
    const feed = this.#join(`openframe-reader-${randomUUID()}`, topic);
    this.#feeds.set(topic, feed);
    return feed;
  }

  #forget(): Promise<void>[] {
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    return feeds.map(async (feed) => {
      try {
        await (await feed)[Symbol.asyncDispose]();
      } catch {
        // It never joined: there is nothing to leave.
      }
    });
  }
}
