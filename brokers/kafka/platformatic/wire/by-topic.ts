import type { Place } from '../../client.ts';

/** Requests name each topic once, with its partitions below it. */
export function byTopic<P extends Place>(places: readonly P[]): [string, P[]][] {
  const topics = new Map<string, P[]>();
  for (const place of places) {
    const known = topics.get(place.topic);
    if (known === undefined) topics.set(place.topic, [place]);
    else known.push(place);
  }
  return [...topics];
}
