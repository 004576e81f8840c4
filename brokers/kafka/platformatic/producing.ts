import type { BatchFor } from '../client.ts';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connections.ts';
import { faultCode, isPassing, protocolError, protocolFault } from './faults.ts';
import type { RawConnection } from './raw-connection.ts';
import {
  decodeProduce,
  encodeProduce,
  produceApi,
  type ProducedPart,
  type ProducePart,
} from './wire/produce.ts';

export interface ProduceDeps {
  readonly cluster: Cluster;
  readonly connections: Connections<RawConnection>;
  readonly transactionalId: string | null;
}

/**
 * Sends one part of each partition, all brokers at the same time; resolves with what was stored and throws a fault
 * of the others, the first that does not pass if there is one. A part that the partition has already is stored.
 */
export async function produceParts(
  { cluster, connections, transactionalId }: ProduceDeps,
  parts: readonly ProducePart[],
  stored: (part: ProducePart, answer: ProducedPart) => void,
): Promise<void> {
  const byLeader = await cluster.byLeader(parts);
  const faults: unknown[] = [];
  const sendings = [...byLeader].map(async ([node, led]) => {
    const connection = await cluster.connectIn(connections, node);
    const body = encodeProduce(transactionalId, cluster.options.requestTimeoutMs, led);
    for (const answer of decodeProduce(await connection.send(produceApi, body))) {
      const part = led.find((p) => p.topic === answer.topic && p.partition === answer.partition);
      const isStored = answer.errorCode === 0 || answer.errorCode === faultCode.duplicateSequence;
      if (part === undefined) continue;
      if (isStored) stored(part, answer);
      else faults.push(protocolError(answer.errorCode, answer.message));
    }
  });
  for (const sent of await Promise.allSettled(sendings)) {
    if (sent.status === 'rejected') faults.push(sent.reason);
  }
  if (faults.length > 0) throw faults.find((fault) => !isPassing(fault)) ?? faults[0];
}

/** A request takes one batch of each partition: those of one partition go in rounds, in their order. */
export function roundsOf(batches: readonly BatchFor[]): BatchFor[][] {
  const rounds: BatchFor[][] = [];
  const sent = new Map<string, number>();
  for (const batch of batches) {
    const key = `${batch.partition} ${batch.topic}`;
    const round = sent.get(key) ?? 0;
    sent.set(key, round + 1);
    (rounds[round] ??= []).push(batch);
  }
  return rounds;
}

/** Faults after which it is sure that the broker stored nothing. */
const nothingStored = new Set([3, 5, 6, 19, 56, 72, 74, 75, 89]);

/** Stores one batch outside any transaction, and sends it once only where its fate is unknown. */
export async function appendOnce(deps: ProduceDeps, target: BatchFor): Promise<number> {
  const { cluster } = deps;
  const { topic, partition, batch } = target;
  let firstOffset = 0;
  let isSent = false;
  const send = async (): Promise<void> => {
    isSent = false;
    await cluster.connectIn(deps.connections, await cluster.leader(target));
    isSent = true;
    await produceParts(deps, [{ topic, partition, pieces: [batch] }], (_part, answer) => {
      firstOffset = answer.baseOffset;
    });
  };
  const again = (error: unknown): boolean => {
    const fault = protocolFault(error);
    if (!isSent) return isPassing(error);
    return fault !== undefined && nothingStored.has(fault.code);
  };
  await cluster.persist(`Appending to partition ${partition} of ${topic}`, send, again);
  return firstOffset;
}
