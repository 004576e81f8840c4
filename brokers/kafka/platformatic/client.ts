import type { KafkaClient } from '../client.ts';
import {
  alterTopicConfig,
  createTopic,
  groupOffsets,
  listGroups,
  listOffsets,
  topicConfig,
} from './admin.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { rawConnections } from './connections.ts';
import { FetchReader } from './fetch-reader.ts';
import { expelFormer, newMemberId } from './former-members.ts';
import { GroupMember } from './member.ts';
import { appendOnce } from './producing.ts';
import { TransactionalProducer } from './producer.ts';

/**
 * The client whose data path is bytes: connections, sign-in, metadata, groups and administration by the requests of
 * @platformatic/kafka; Fetch, Produce and the transaction's requests by our own, on raw record batches. Needs Kafka
 * 4.0 or newer (KIP-848 groups, transaction.version 2). Resolves once a broker has answered.
 */
export async function createPlatformaticClient(options: ClusterOptions): Promise<KafkaClient> {
  const cluster = new Cluster(options);
  const writes = rawConnections(options);
  const ownMembers = new Set<string>();
  const client: KafkaClient = {
    name: 'platformatic',
    keepsRecordTimes: true,
    async topics(prefix) {
      await cluster.persist('Asking for topics', () => cluster.refresh());
      return cluster.topics(prefix);
    },
    createTopic: (topic) => createTopic(cluster, topic),
    topicConfig: (topic, names) => topicConfig(cluster, topic, names),
    alterTopicConfig: (topic, config) => alterTopicConfig(cluster, topic, config),
    offsets: (places, which) => listOffsets(cluster, places, which),
    groups: (prefix) => listGroups(cluster, prefix),
    groupOffsets: (group) => groupOffsets(cluster, group),
    append: (target) => appendOnce({ cluster, connections: writes, transactionalId: null }, target),
    reader: () => new FetchReader(cluster),
    async join({ group, topics, instance }, listener) {
      await expelFormer(cluster, group, instance, ownMembers);
      const memberId = newMemberId(instance);
      ownMembers.add(memberId);
      const member = new GroupMember(cluster, { group, topics, memberId }, listener);
      try {
        await member.joined();
      } catch (error) {
        await member[Symbol.asyncDispose]();
        throw error;
      }
      return member;
    },
    async producer(transactionalId, timeoutMs) {
      const producer = new TransactionalProducer(cluster, transactionalId, timeoutMs);
      await producer.begin();
      return producer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([cluster.close(), writes.close()]);
    },
  };
  try {
    await client.topics('');
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
  return client;
}
