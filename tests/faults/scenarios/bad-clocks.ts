import { Deployment } from '../deployment.ts';
import { createRawProducer } from '../raw-producer.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = { short: { rounds: 60 }, full: { rounds: 1_500 } } as const;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const roundMs = 100;

/** How a device's clock goes, by its place in the fleet: most are right. */
const clocks: readonly ((nowMs: number, round: number) => number)[] = [
  (nowMs) => nowMs + 365 * dayMs,
  (nowMs) => nowMs - 2 * dayMs,
  (nowMs, round) => nowMs - (round % 20 < 10 ? 0 : hourMs),
  (nowMs) => nowMs,
  (nowMs) => nowMs,
];

/** Some devices' clocks are a year ahead, two days late, or step back an hour; every event comes twice, seconds apart. */
export const badClocks: Scenario = {
  name: 'bad-clocks',
  law: 'remembers what it has seen of every device, whatever the clocks of others say',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size } = context;
    const { rounds } = sizes[size];
    const deployment = new Deployment(context, { devices: 50 });
    await deployment.start('telemetry');
    await deployment.start('sink');
    const { fleet, ledger, engines, prefix, partitions } = deployment;
    const nowMs = (): number => clock.nowMs();
    const brokers = engines.OPENFRAME_KAFKA_BROKERS.split(',');
    await using producer = await createRawProducer({ brokers, prefix, partitions, nowMs });
    const timeOf = (place: number, round: number): number =>
      clocks[place % clocks.length]?.(nowMs(), round) ?? nowMs();
    let before: ReturnType<typeof fleet.next>[] = [];
    for (let round = 0; round < rounds; round++) {
      const body = fleet.devices.map((device, place) => fleet.next(device, timeOf(place, round)));
      for (const event of body) ledger.sent(event);
      // The round before comes again behind this one, whose clocks may have gone any way.
      await producer.send([...body, ...before]);
      for (const event of body) ledger.accepted(event);
      before = body;
      await clock.sleep(roundMs);
    }
    return await deployment.report(nowMs(), rounds, { rounds });
  },
};
