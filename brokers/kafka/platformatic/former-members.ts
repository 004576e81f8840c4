import { createHash, randomUUID } from 'node:crypto';

import { consumerGroupDescribeV0, consumerGroupHeartbeatV1 } from '@platformatic/kafka';

import type { Cluster } from './cluster.ts';
import { isPassing } from './faults.ts';

const leaveEpoch = -1;
const noRebalanceTimeout = -1;

/** A new member's id, in which those who know the instance see whose it is. */
export function newMemberId(instance: string): string {
  const [, , , ...rest] = randomUUID().split('-');
  return [markOf(instance), ...rest].join('-');
}

/**
 * Takes members of an instance that was killed out of the group, so that nobody waits until their sessions run out.
 * One that lives after all is refused everywhere from then on, as after an expiry, and joins anew. `own` are members
 * of this process. A group that does not exist or may not be asked is left alone: sessions run out by themselves.
 */
export async function expelFormer(
  cluster: Cluster,
  group: string,
  instance: string,
  own: ReadonlySet<string>,
): Promise<void> {
  try {
    await cluster.persist(`Asking for members of the group ${group}`, async () => {
      const connection = await cluster.connectToGroup(group);
      const { groups } = await consumerGroupDescribeV0.api.async(connection, [group], false);
      const members = groups.flatMap((found) => found.members.map(({ memberId }) => memberId));
      const former = members.filter((id) => id.startsWith(`${markOf(instance)}-`) && !own.has(id));
      await eachLeaves(former, (memberId) => takeOut(cluster, group, memberId));
    });
  } catch (error) {
    if (isPassing(error)) throw error;
  }
}

/**
 * Has each of the members leave, also behind one that is refused, whose session runs out by itself. Throws the first
 * fault that passes, once all have been tried.
 */
export async function eachLeaves(
  members: readonly string[],
  leave: (memberId: string) => Promise<void>,
): Promise<void> {
  const passing: unknown[] = [];
  for (const memberId of members) {
    try {
      await leave(memberId);
    } catch (error) {
      if (isPassing(error)) passing.push(error);
    }
  }
  if (passing.length > 0) throw passing[0];
}

/** Tells the group that the member leaves it; throws as the library does. */
export async function takeOut(cluster: Cluster, group: string, memberId: string): Promise<void> {
  await consumerGroupHeartbeatV1.api.async(
    await cluster.connectToGroup(group),
    group,
    memberId,
    leaveEpoch,
    null,
    null,
    noRebalanceTimeout,
    [],
    null,
    null,
    [],
  );
}

/** 64 bits, as the first three parts of a UUID. */
function markOf(instance: string): string {
  const hex = createHash('sha256').update(instance).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)].join('-');
}
