import {
  ConfigResourceTypes,
  createTopicsV7,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  IncrementalAlterConfigOperationTypes,
  listGroupsV5,
  listOffsetsV9,
  ListOffsetTimestamps,
  offsetFetchV9,
} from '@platformatic/kafka';

import type { NewKafkaTopic, Place, PlaceOffset, WhichOffset } from '../client.ts';
import type { Cluster } from './cluster.ts';
import { faultCode, isPassing, protocolError, protocolFault, unavailable } from './faults.ts';
import { byTopic } from './wire/by-topic.ts';

const readUncommitted = 0;
const readCommitted = 1;
const anyReplica = -1;
const unknownEpoch = -1;

export async function createTopic(cluster: Cluster, topic: NewKafkaTopic): Promise<void> {
  const { name, partitions, replication, config } = topic;
  const { clock, requestTimeoutMs } = cluster.options;
  const request = {
    name,
    numPartitions: partitions,
    replicationFactor: replication,
    assignments: [],
    configs: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  };
  await cluster.persist(`Creating topic ${name}`, async () => {
    try {
      await createTopicsV7.api.async(await cluster.any(), [request], requestTimeoutMs, false);
    } catch (error) {
      if (protocolFault(error)?.code !== faultCode.topicAlreadyExists) throw error;
    }
  });
  const endsAtMs = clock.nowMs() + requestTimeoutMs;
  while (!(await isLed(cluster, name))) {
    if (clock.nowMs() > endsAtMs) throw unavailable(`Topic ${name} was created, but has no leaders.`);
    await clock.sleep(20);
  }
}

async function isLed(cluster: Cluster, name: string): Promise<boolean> {
  await cluster.persist('Asking for topics', () => cluster.refresh());
  const [topic] = cluster.topics(name).filter((each) => each.name === name);
  if (topic === undefined) return false;
  try {
    const places = topic.leaders.map((_, partition) => ({ topic: name, partition }));
    await askOffsets(cluster, places, 'latest');
    return true;
  } catch (error) {
    if (isPassing(error)) return false;
    throw error;
  }
}

export async function topicConfig(
  cluster: Cluster,
  topic: string,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  return cluster.persist(`Reading the configuration of ${topic}`, async () => {
    const resource = {
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: [...names],
    };
    const { results } = await describeConfigsV4.api.async(await cluster.any(), [resource], false, false);
    const found = results.flatMap(({ configs }) => configs.map(({ name, value }) => [name, value ?? '']));
    return Object.fromEntries(found) as Record<string, string>;
  });
}

export async function alterTopicConfig(
  cluster: Cluster,
  topic: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const configs = Object.entries(config).map(([name, value]) => ({
    name,
    configOperation: IncrementalAlterConfigOperationTypes.SET,
    value,
  }));
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs };
  await cluster.persist(`Changing the configuration of ${topic}`, async () => {
    await incrementalAlterConfigsV1.api.async(await cluster.any(), [resource], false);
  });
}

export async function listOffsets(
  cluster: Cluster,
  places: readonly Place[],
  which: WhichOffset,
): Promise<readonly PlaceOffset[]> {
  return cluster.persist('Asking for offsets', () => askOffsets(cluster, places, which));
}

async function askOffsets(
  cluster: Cluster,
  places: readonly Place[],
  which: WhichOffset,
): Promise<readonly PlaceOffset[]> {
  const timestamp = which === 'earliest' ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST;
  const isolation = which === 'written' ? readUncommitted : readCommitted;
  const byLeader = await cluster.byLeader(places);
  const answers = [...byLeader].map(async ([node, led]) => {
    const topics = byTopic(led).map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition }) => ({
        partitionIndex: partition,
        currentLeaderEpoch: unknownEpoch,
        timestamp,
      })),
    }));
    const connection = await cluster.connect(node);
    const answer = await listOffsetsV9.api.async(connection, anyReplica, isolation, topics);
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.map((p) => ({ topic: name, partition: p.partitionIndex, offset: Number(p.offset) })),
    );
  });
  return (await Promise.all(answers)).flat();
}

export async function listGroups(cluster: Cluster, prefix: string): Promise<readonly string[]> {
  return cluster.persist('Listing groups', async () => {
    await cluster.refresh();
    const answers = cluster.nodes().map(async (node) => {
      const { groups } = await listGroupsV5.api.async(await cluster.connect(node), [], []);
      return groups.map(({ groupId }) => groupId);
    });
    const names = (await Promise.all(answers)).flat();
    return [...new Set(names)].filter((name) => name.startsWith(prefix)).sort();
  });
}

const stableAttempts = 10;
const stablePauseMs = 20;

/** Everything that a group has committed. Transactions in flight are waited for a moment, and left out then. */
export async function groupOffsets(cluster: Cluster, group: string): Promise<readonly PlaceOffset[]> {
  return cluster.persist(askingFor(group), async () => {
    for (let attempt = 1; attempt <= stableAttempts; attempt++) {
      try {
        return await askCommitted(cluster, group, null, true);
      } catch (error) {
        if (protocolFault(error)?.code !== faultCode.unstableOffsetCommit) throw error;
        await cluster.options.clock.sleep(stablePauseMs);
      }
    }
    return askCommitted(cluster, group, null, false);
  });
}

/** What a group has committed of `places`; waits for transactions that are about to change that. */
export async function committedOffsets(
  cluster: Cluster,
  group: string,
  places: readonly Place[],
): Promise<readonly PlaceOffset[]> {
  return cluster.persist(askingFor(group), () => askCommitted(cluster, group, places, true));
}

function askingFor(group: string): string {
  return `Asking what the group ${group} has committed`;
}

async function askCommitted(
  cluster: Cluster,
  group: string,
  places: readonly Place[] | null,
  stable: boolean,
): Promise<readonly PlaceOffset[]> {
  const request = { groupId: group, memberId: null, memberEpoch: unknownEpoch };
  const topics = byTopic(places ?? []).map(([name, ofTopic]) => ({
    name,
    partitionIndexes: ofTopic.map(({ partition }) => partition),
  }));
  const connection = await cluster.connectToGroup(group);
  // To the protocol, no list of topics means all of them; the library's type does not know that.
  const ask = offsetFetchV9.api.async as AskOffsets;
  const asked = [{ ...request, topics: places === null ? null : topics }];
  const [found] = (await ask(connection, asked, stable)).groups;
  if (found === undefined) throw protocolError(faultCode.coordinatorNotAvailable);
  return found.topics.flatMap(({ name, partitions }) =>
    partitions
      .filter((p) => p.committedOffset >= 0n)
      .map((p) => ({ topic: name, partition: p.partitionIndex, offset: Number(p.committedOffset) })),
  );
}

type OffsetFetchArguments = Parameters<typeof offsetFetchV9.api.async>;
type AskedGroup = Omit<OffsetFetchArguments[1][number], 'topics'> & {
  topics: OffsetFetchArguments[1][number]['topics'] | null;
};
type AskOffsets = (
  connection: OffsetFetchArguments[0],
  groups: AskedGroup[],
  stable: boolean,
) => ReturnType<typeof offsetFetchV9.api.async>;
