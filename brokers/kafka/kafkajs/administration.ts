import kafkajs, { type Admin } from 'kafkajs';

import { OpenFrameError } from '../../../contracts/errors.ts';
import type { Clock } from '../../../streams/clock.ts';
import type { KafkaTopic, NewKafkaTopic, Place, PlaceOffset, WhichOffset } from '../client.ts';
import { unavailable } from '../platformatic/faults.ts';
import { faultCodeOf } from './faults.ts';

const pollMs = 50;
const topicExists = 36;
const unknownTopic = 3;
/** Where a configuration value was set for the topic itself. */
const setForTopic = 1;

export async function listTopics(admin: Admin, prefix: string): Promise<readonly KafkaTopic[]> {
  const names = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  return topics.map(({ name, partitions }) => ({ name, partitions: partitions.length }));
}

export async function createTopic(
  admin: Admin,
  topic: NewKafkaTopic,
  limits: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<void> {
  const configEntries = Object.entries(topic.config).map(([name, value]) => ({ name, value }));
  const { name, partitions: numPartitions, replication: replicationFactor } = topic;
  try {
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: name, numPartitions, replicationFactor, configEntries }],
    });
  } catch (error) {
    if (!isAlready(error)) throw error;
  }
  const endsAtMs = limits.clock.nowMs() + limits.timeoutMs;
  while (!(await hasLeaders(admin, name))) {
    if (limits.clock.nowMs() > endsAtMs) throw unavailable(`The new topic ${name} has no leader.`);
    await limits.clock.sleep(pollMs);
  }
}

export async function describeTopic(
  admin: Admin,
  topic: string,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const entries = await configEntries(admin, topic, names);
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** kafkajs knows only the request that replaces all values: those that were set before go along. */
export async function alterTopic(admin: Admin, topic: string, config: Readonly<Record<string, string>>) {
  const before = await configEntries(admin, topic);
  const kept = before.filter(({ configSource }) => (configSource as number) === setForTopic);
  const values = {
    ...Object.fromEntries(kept.map(({ configName, configValue }) => [configName, configValue])),
    ...config,
  };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: Object.entries(values).map(([name, value]) => ({ name, value })),
      },
    ],
  });
}

export async function listOffsets(
  admin: Admin,
  places: readonly Place[],
  which: WhichOffset,
): Promise<readonly PlaceOffset[]> {
  const found = new Map<string, number>();
  for (const topic of new Set(places.map((place) => place.topic))) {
    for (const { partition, high, low } of await topicOffsets(admin, topic))
      found.set(`${partition} ${topic}`, Number(which === 'earliest' ? low : high));
  }
  return places.map(({ topic, partition }) => {
    const offset = found.get(`${partition} ${topic}`);
    if (offset === undefined) throw noPartition(topic, partition);
    return { topic, partition, offset };
  });
}

/** What the group has committed, of the topics named or of all; waits for transactions that change it. */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topics?: readonly string[],
): Promise<readonly PlaceOffset[]> {
  const wanted = topics === undefined ? { groupId: group } : { groupId: group, topics: [...topics] };
  const found = await admin.fetchOffsets(wanted);
  return found.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }))
      .filter(({ offset }) => offset >= 0),
  );
}

async function topicOffsets(admin: Admin, topic: string) {
  try {
    return await admin.fetchTopicOffsets(topic);
  } catch (error) {
    if (faultCodeOf(error) === unknownTopic) throw noPartition(topic, 0);
    throw error;
  }
}

async function configEntries(admin: Admin, topic: string, names?: readonly string[]) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic,
        ...(names === undefined ? {} : { configNames: [...names] }),
      },
    ],
  });
  return resources.flatMap((resource) => resource.configEntries);
}

async function hasLeaders(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics.flatMap((found) => found.partitions);
    return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
  } catch (error) {
    // Metadata is behind the controller for a moment.
    const code = faultCodeOf(error);
    if (code === unknownTopic || code === 5) return false;
    throw error;
  }
}

function isAlready(error: unknown): boolean {
  if (faultCodeOf(error) === topicExists) return true;
  return error instanceof kafkajs.KafkaJSAggregateError && error.errors.every(isAlready);
}

function noPartition(topic: string, partition: number): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', `Kafka has no partition ${partition} of the topic ${topic}.`);
}
