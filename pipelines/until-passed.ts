import type { Log, PartitionLag } from '../brokers/log.ts';

/** By partition of a topic: the offset that its next record will have. */
export type Ends = ReadonlyMap<number, number>;

export async function endsOf(log: Pick<Log, 'partitionCount' | 'endOffset'>, topic: string): Promise<Ends> {
  const ends = new Map<number, number>();
  for (let p = 0; p < log.partitionCount(topic); p++) ends.set(p, await log.endOffset(topic, p));
  return ends;
}

/**
 * Whether consumer groups have passed the ends of a topic. Which topic each group reads is what it committed on; one
 * that committed nothing has passed nothing, unless there is nothing to pass.
 */
export function havePassed(
  groups: readonly string[],
  topic: string,
  ends: Ends,
  lags: readonly PartitionLag[],
): boolean {
  const known = lags.filter((lag) => groups.includes(lag.group));
  const begun = groups.every((group) => known.some((lag) => lag.group === group));
  const isEmpty = [...ends.values()].every((end) => end === 0);
  const passed = known
    .filter((lag) => lag.topic === topic)
    .every((lag) => lag.committedOffset >= (ends.get(lag.partition) ?? 0));
  return isEmpty || (begun && passed);
}
