import { expect } from 'vitest';

import { topics } from '../../../contracts/topics.ts';
import { Deployment } from '../deployment.ts';
import { startFaultyNetwork } from '../proxy.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 9_000, ratePerSecond: 500, awayMs: 6_000, slowMs: 3_000, rounds: 3 },
  full: { events: 150_000, ratePerSecond: 700, awayMs: 120_000, slowMs: 20_000, rounds: 12 },
} as const;
/** A write takes about a millisecond. */
const slowness = { kind: 'slow', delayMs: 100 } as const;
const halfOpenMs = 300;
const keepsUpWithinMs = 10_000;

/** Cassandra goes away, comes back slow, and then takes writes whose answers are lost. */
export const cassandraFaults: Scenario = {
  name: 'cassandra-faults',
  law: 'delays nobody but its sink while Cassandra is away, slow, or times out what it has written',
  timeoutMs: { short: 5 * minuteMs, full: 20 * minuteMs },
  async run(context) {
    const { clock, size, stack } = context;
    const { awayMs, slowMs, rounds, ...load } = sizes[size];
    const deployment = new Deployment(context);
    const [host = '', port = ''] = deployment.engines.OPENFRAME_CASSANDRA_CONTACT_POINTS.split(':');
    const network = stack.use(await startFaultyNetwork(host, Number(port)));
    await deployment.start('telemetry');
    const env = { OPENFRAME_CASSANDRA_CONTACT_POINTS: network.address };
    const sink = await deployment.start('sink', { env });
    const { pid } = sink;
    const sending = sendRaw(context, deployment, load);

    await clock.sleep(1_000);
    network.weather = { kind: 'away' };
    await clock.sleep(awayMs / 2);
    await using log = await deployment.openLog();
    const startedMs = clock.nowMs();
    const accepted = deployment.ledger.acceptedCount;
    const enriched = async (): Promise<number> => {
      const ends = Array.from({ length: deployment.partitions }, (_, p) => log.endOffset(topics.enriched, p));
      return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
    };
    while ((await enriched()) < accepted) {
      expect(clock.nowMs() - startedMs, 'telemetry waits for nobody').toBeLessThan(keepsUpWithinMs);
      await clock.sleep(100);
    }
    const { lost: waiting } = await deployment.compare();
    expect(waiting, 'what Cassandra lacks while it is away').toBeGreaterThan(0);
    await clock.sleep(awayMs / 2);

    network.weather = slowness;
    await clock.sleep(slowMs);
    for (let round = 0; round < rounds; round++) {
      network.weather = { kind: 'half-open' };
      await clock.sleep(halfOpenMs);
      network.weather = { kind: 'fair' };
      await clock.sleep(halfOpenMs * 3);
    }
    const sentMs = await sending;
    const report = await deployment.report(Math.max(sentMs, clock.nowMs()), 2 + rounds, { waiting });
    expect(sink.pid, 'the sink never ended').toBe(pid);
    return report;
  },
};
