import { randomUUID } from 'node:crypto';

import type { Fetched, FetchOptions, KafkaClient, KafkaReader, PlaceOffset } from '../client.ts';
import { createKafkajsAdministration } from '../kafkajs/administrator.ts';
import { BatchWriter } from './batch-writer.ts';
import type { ConfluentDeps, ConfluentOptions } from './configuration.ts';
import { ConsumerFeed } from './consumer-feed.ts';
import { nativeError } from './faults.ts';
import { loadLibrdkafka } from './librdkafka.ts';
import { GroupMember } from './member.ts';
import { TransactionalProducer } from './producer.ts';

/**
 * The client on librdkafka, by the raw API of @confluentinc/kafka-javascript. That API cannot configure topics, so
 * administration is by kafkajs. Throws `CONFIGURATION_INVALID` where the native library is not built for this machine.
 * Resolves once a broker has answered.
 */
export async function createConfluentClient(options: ConfluentOptions): Promise<KafkaClient> {
  const deps: ConfluentDeps = { options, library: loadLibrdkafka() };
  const administration = await createKafkajsAdministration(options);
  const writer = new BatchWriter(deps);
  return {
    ...administration,
    name: 'confluent',
    keepsRecordTimes: false,
    append: (target) => writer.append(target),
    reader: () => new PlaceReader(deps),
    async join({ group, topics }, listener) {
      const member = new GroupMember(deps, group, listener);
      try {
        await member.join(topics);
      } catch (error) {
        await member[Symbol.asyncDispose]();
        throw error;
      }
      return member;
    },
    async producer(transactionalId, timeoutMs) {
      const producer = new TransactionalProducer(deps, transactionalId, timeoutMs);
      await producer.begin();
      return producer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([administration[Symbol.asyncDispose](), writer.close()]);
    },
  };
}

const nobody = { assigned: () => undefined, revoked: () => undefined };

/** Reads partitions that no group gave it, by a consumer that joins none. */
class PlaceReader implements KafkaReader {
  readonly #deps: ConfluentDeps;
  #feed: Promise<ConsumerFeed> | undefined;

  constructor(deps: ConfluentDeps) {
    this.#deps = deps;
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    try {
      this.#feed ??= this.#start();
      const feed = await this.#feed;
      feed.assign(from);
      return await feed.fetch(from, options);
    } catch (error) {
      throw nativeError(error, 'Reading from Kafka');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const feed = await this.#feed?.catch(() => undefined);
    await feed?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<ConsumerFeed> {
    const feed = new ConsumerFeed(this.#deps, `openframe-reader-${randomUUID()}`, {}, nobody);
    try {
      await feed.start(() => undefined);
      return feed;
    } catch (error) {
      this.#feed = undefined;
      throw error;
    }
  }
}
