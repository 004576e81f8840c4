import type { Consumer } from 'kafkajs';

import type { AssignmentListener, BatchFor, KafkaClient } from '../client.ts';
import type { GroupIdentity } from '../platformatic/wire/transaction.ts';
import { type Administration, createKafkajsAdministration } from './administrator.ts';
import { type KafkajsOptions, kafkaOf, persist, retryWithin, strangers } from './connection.ts';
import { ConsumerFeed, fetchWaitMs } from './consumer-feed.ts';
import { isUnwritten, kafkajsError } from './faults.ts';
import { GroupMember } from './member.ts';
import type { GroupWire } from './newer-requests.ts';
import { recordOf, TransactionalProducer } from './producer.ts';
import { registerZstd } from './records.ts';
import { TopicReader } from './topic-reader.ts';

const sessionTimeoutMs = 10_000;
const rebalanceTimeoutMs = 10_000;
/** Also how late a member learns that others come or go. */
const heartbeatMs = 300;

/**
 * The client on kafkajs 2.2: its consumers, producers and administration, JavaScript alone. Groups are those of the
 * classic protocol, where each change takes all partitions from all members for a moment. Resolves once a broker has
 * answered.
 */
export async function createKafkajsClient(options: KafkajsOptions): Promise<KafkaClient> {
  registerZstd();
  const administration = await createKafkajsAdministration(options);
  // Where its fate is not known, kafkajs may not send a batch again by itself.
  const writer = kafkaOf(options, strangers).producer({
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
  });
  const append = async (target: BatchFor): Promise<number> => {
    await writer.connect();
    const [stored] = await writer.send(recordOf(target));
    return Number(stored?.baseOffset);
  };
  return {
    ...administration,
    name: 'kafkajs',
    keepsRecordTimes: false,
    append: (target) => persist(options, 'Writing a batch', () => append(target), isUnwritten),
    reader: () =>
      new TopicReader(async (group, topic) => {
        const consumer = consumerOf(options, group, strangers);
        const feed = new ConsumerFeed(consumer, options.clock, nobody);
        return started(feed, [topic]);
      }),
    join: ({ group, topics }, listener) => join(options, administration, { group, topics, listener }),
    producer: (transactionalId, timeoutMs) => transactional(options, transactionalId, timeoutMs),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([administration[Symbol.asyncDispose](), writer.disconnect()]);
    },
  };
}

async function transactional(options: KafkajsOptions, transactionalId: string, transactionTimeout: number) {
  const wire: GroupWire = { ...strangers, identityOf: (group) => producer.identities.get(group) };
  const kafka = kafkaOf(options, wire);
  const producer = new TransactionalProducer(() =>
    kafka.producer({
      transactionalId,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: retryWithin(options.requestTimeoutMs),
      allowAutoTopicCreation: false,
    }),
  );
  await producer.begin();
  return producer;
}

async function join(
  options: KafkajsOptions,
  administration: Administration,
  {
    group,
    topics,
    listener,
  }: {
    readonly group: string;
    readonly topics: readonly string[];
    readonly listener: AssignmentListener;
  },
): Promise<GroupMember> {
  let asked: GroupIdentity | undefined;
  let identity: GroupIdentity | undefined;
  const wire: GroupWire = {
    ...strangers,
    onSync: (member) => {
      asked = member;
    },
  };
  const consumer = consumerOf(options, group, wire);
  // The generation counts from when its partitions are known here: what was read before it must not commit under it.
  const feed = new ConsumerFeed(consumer, options.clock, {
    assigned(places) {
      identity = asked;
      listener.assigned(places);
    },
    revoked(places) {
      identity = undefined;
      listener.revoked(places);
    },
  });
  await started(feed, topics);
  return new GroupMember(group, { consumer, feed, administration, identity: () => identity });
}

async function started(feed: ConsumerFeed, topics: readonly string[]): Promise<ConsumerFeed> {
  try {
    await feed.start(topics);
    return feed;
  } catch (error) {
    await feed[Symbol.asyncDispose]();
    throw kafkajsError(error, `Reading ${topics.join(', ')}`);
  }
}

function consumerOf(options: KafkajsOptions, groupId: string, wire: GroupWire): Consumer {
  return kafkaOf(options, wire).consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    retry: { ...retryWithin(options.requestTimeoutMs), restartOnFailure: () => Promise.resolve(true) },
  });
}

const nobody: AssignmentListener = { assigned: () => undefined, revoked: () => undefined };
