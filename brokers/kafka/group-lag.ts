import type { PartitionLag } from '../log.ts';
import type { KafkaClient, Place, PlaceOffset } from './client.ts';

/** How far each group has come in each partition that it has committed to, of the topics behind the prefix. */
export async function groupLag(client: KafkaClient, prefix: string): Promise<PartitionLag[]> {
  const topics = new Map((await client.topics(prefix)).map(({ name, partitions }) => [name, partitions]));
  const exists = ({ topic, partition }: Place): boolean => partition < (topics.get(topic) ?? 0);
  const groups = await client.groups(prefix);
  const committed = await Promise.all(
    groups.map(async (group) => {
      const offsets = await client.groupOffsets(group);
      return offsets.filter(exists).map((offset) => ({ ...offset, group }));
    }),
  );
  const found = committed.flat();
  const places = distinct(found);
  if (places.length === 0) return [];
  const [starts, ends] = await Promise.all([
    client.offsets(places, 'earliest').then(byPlace),
    client.offsets(places, 'latest').then(byPlace),
  ]);
  const lags = found.map(({ group, topic, partition, offset }) => {
    const key = keyOf({ topic, partition });
    return {
      group: group.slice(prefix.length),
      topic: topic.slice(prefix.length),
      partition,
      committedOffset: Math.max(offset, starts.get(key) ?? 0),
      endOffset: Math.max(ends.get(key) ?? 0, offset),
    };
  });
  return lags.sort(
    (a, b) => compare(a.group, b.group) || compare(a.topic, b.topic) || a.partition - b.partition,
  );
}

function distinct(places: readonly Place[]): Place[] {
  const found = places.map(({ topic, partition }): [string, Place] => [
    keyOf({ topic, partition }),
    { topic, partition },
  ]);
  return [...new Map(found).values()];
}

function byPlace(offsets: readonly PlaceOffset[]): Map<string, number> {
  return new Map(offsets.map((place) => [keyOf(place), place.offset]));
}

function keyOf({ topic, partition }: Place): string {
  return `${partition} ${topic}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
