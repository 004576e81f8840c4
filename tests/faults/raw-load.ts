import type { FaultContext } from './scenario.ts';
import type { Deployment } from './deployment.ts';
import { createRawProducer } from './raw-producer.ts';

const bodyEvents = 100;
const repeatOneOf = 10;

/** How many records so many events come to, in whole bodies. */
export function recordsOf(events: number): number {
  return Math.ceil(events / bodyEvents) * (bodyEvents + bodyEvents / repeatOneOf);
}

/**
 * Writes events into the raw topic as a relay does that dies now and then before its ack: one event of ten comes once
 * more behind the others. Resolves to when the last was written.
 */
export async function sendRaw(
  { clock }: FaultContext,
  to: Pick<Deployment, 'engines' | 'prefix' | 'partitions' | 'fleet' | 'ledger'>,
  load: { readonly events: number; readonly ratePerSecond: number },
): Promise<number> {
  const { engines, prefix, partitions, fleet, ledger } = to;
  const brokers = engines.OPENFRAME_KAFKA_BROKERS.split(',');
  await using producer = await createRawProducer({ brokers, prefix, partitions, nowMs: () => clock.nowMs() });
  const everyMs = (bodyEvents * 1000) / load.ratePerSecond;
  for (let sent = 0, dueMs = clock.nowMs(); sent < load.events; sent += bodyEvents) {
    const body = Array.from({ length: bodyEvents }, (_, i) => {
      const device = fleet.devices[(sent + i) % fleet.devices.length];
      if (device === undefined) throw new Error('a fleet without devices');
      return fleet.next(device, clock.nowMs());
    });
    for (const event of body) ledger.sent(event);
    await producer.send(body);
    await producer.send(body.filter((_, i) => i % repeatOneOf === 0));
    for (const event of body) ledger.accepted(event);
    dueMs += everyMs;
    await clock.sleep(Math.max(dueMs - clock.nowMs(), 0));
  }
  return clock.nowMs();
}
