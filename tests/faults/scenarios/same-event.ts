import { expect } from 'vitest';

import { Deployment, kill } from '../deployment.ts';
import { enrichedOrder } from '../enriched-order.ts';
import { createRawProducer } from '../raw-producer.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = { short: { times: 1_000, kills: 2 }, full: { times: 5_000, kills: 10 } } as const;
const dedupeWindowSeconds = 3;
const others = 20;

/**
 * One event comes a thousand times, most of them long after telemetry has forgotten it, while workers and sinks are
 * killed: what dedupe lets through again, the sinks know by its key.
 */
export const sameEvent: Scenario = {
  name: 'same-event',
  law: 'stores an event once that comes a thousand times, within and beyond the dedupe window',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size } = context;
    const { times, kills } = sizes[size];
    const env = { OPENFRAME_DEDUPE_WINDOW_SECONDS: String(dedupeWindowSeconds) };
    const deployment = new Deployment(context, { env, devices: others });
    const roles = [await deployment.start('telemetry'), await deployment.start('sink')];
    const { fleet, ledger, engines, prefix, partitions } = deployment;
    const brokers = engines.OPENFRAME_KAFKA_BROKERS.split(',');
    const nowMs = (): number => clock.nowMs();
    await using producer = await createRawProducer({ brokers, prefix, partitions, nowMs });
    const one = fleet.devices[0];
    if (one === undefined) throw new Error('a fleet without devices');
    const same = fleet.next(one, nowMs());
    ledger.sent(same);
    let done = 0;
    for (let time = 0; time < times; time++) {
      // The others move the clock of the partitions on.
      const fresh =
        time % 10 === 0 ? fleet.devices.slice(1).map((device) => fleet.next(device, nowMs())) : [];
      for (const event of fresh) ledger.sent(event);
      await producer.send([...fresh, same]);
      for (const event of fresh) ledger.accepted(event);
      if (done < kills && time >= ((done + 1) * times) / (kills + 1)) {
        for (const role of roles) kill(role);
        done++;
      }
      await clock.sleep(10);
    }
    ledger.accepted(same);
    const verdict = await deployment.verdict();
    expect(verdict.rows).toBe(ledger.acceptedCount);
    await using log = await deployment.openLog();
    const { repeated } = await enrichedOrder(log, partitions);
    return {
      events: verdict.accepted,
      faults: times - 1 + done * roles.length,
      lost: verdict.lost,
      duplicated: verdict.duplicated,
      altered: verdict.altered + verdict.foreign,
      // What dedupe has forgotten stands in the enriched topic again: `passedDedupe`.
      reordered: 0,
      catchUpMs: 0,
      seen: { times, kills: done, passedDedupe: repeated },
    };
  },
};
