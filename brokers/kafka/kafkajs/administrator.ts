import { isRetryable } from '../../../contracts/errors.ts';
import type { KafkaClient } from '../client.ts';
import {
  alterTopic,
  committedOffsets,
  createTopic,
  describeTopic,
  listOffsets,
  listTopics,
} from './administration.ts';
import { type KafkajsOptions, kafkaOf, persist, retryWithin, strangers } from './connection.ts';
import { kafkajsError } from './faults.ts';

/** The part of a Kafka client that is not on the data path. */
export type Administration = Pick<
  KafkaClient,
  'topics' | 'createTopic' | 'topicConfig' | 'alterTopicConfig' | 'offsets' | 'groups' | 'groupOffsets'
> &
  AsyncDisposable;

/** Topics, configurations, offsets and groups by kafkajs. Resolves once a broker has answered. */
export async function createKafkajsAdministration(options: KafkajsOptions): Promise<Administration> {
  const retry = retryWithin(options.requestTimeoutMs);
  const admin = kafkaOf(options, strangers).admin({ retry });
  const uncommitted = kafkaOf(options, { ...strangers, seesUncommitted: true }).admin({ retry });
  const asking = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    persist(options, doing, work, isRetryable);
  const administration: Administration = {
    topics: (prefix) => asking('Asking for topics', () => listTopics(admin, prefix)),
    createTopic: (topic) =>
      asking(`Creating the topic ${topic.name}`, () =>
        createTopic(admin, topic, { clock: options.clock, timeoutMs: options.requestTimeoutMs }),
      ),
    topicConfig: (topic, names) =>
      asking(`Asking for the configuration of ${topic}`, () => describeTopic(admin, topic, names)),
    alterTopicConfig: (topic, config) =>
      asking(`Configuring the topic ${topic}`, () => alterTopic(admin, topic, config)),
    offsets: (places, which) =>
      asking('Asking for offsets', async () => {
        if (which !== 'written') return listOffsets(admin, places, which);
        await uncommitted.connect();
        return listOffsets(uncommitted, places, 'latest');
      }),
    groups: (prefix) =>
      asking('Asking for groups', async () => {
        const { groups } = await admin.listGroups();
        return groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(prefix));
      }),
    groupOffsets: (group) =>
      asking(`Asking for the offsets of the group ${group}`, () => committedOffsets(admin, group)),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([admin.disconnect(), uncommitted.disconnect()]);
    },
  };
  try {
    await admin.connect();
  } catch (error) {
    await administration[Symbol.asyncDispose]();
    throw kafkajsError(error, `Connecting to Kafka at ${options.brokers.join(', ')}`);
  }
  return administration;
}
