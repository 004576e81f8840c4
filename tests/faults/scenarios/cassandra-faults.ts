import { expect } from 'vitest';

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
/** For a busy machine: what must hold is that Cassandra is still away then. */
const patienceMs = 2 * minuteMs;

/** Cassandra goes away, comes back slow, and then takes writes whose answers are lost. */
export const cassandraFaults: Scenario = {
  name: 'cassandra-faults',
  law: 'delays neither analytics nor alerts, only its own sink, while Cassandra is away, slow, or times out what it has written',
  timeoutMs: { short: 5 * minuteMs, full: 20 * minuteMs },
  async run(context) {
    const { clock, size, stack } = context;
    const { awayMs, slowMs, rounds, ...load } = sizes[size];
    const deployment = new Deployment(context, { allStores: true, errorOneOf: 20 });
    const [host = '', port = ''] = deployment.engines.OPENFRAME_CASSANDRA_CONTACT_POINTS.split(':');
    const network = stack.use(await startFaultyNetwork(host, Number(port)));
    await Promise.all([deployment.start('telemetry'), deployment.start('alerts')]);
    const env = { OPENFRAME_CASSANDRA_CONTACT_POINTS: network.address };
    const sink = await deployment.start('sink', { env });
    const { pid } = sink;
    const sending = sendRaw(context, deployment, load);

    await clock.sleep(1_000);
    network.weather = { kind: 'away' };
    const acceptedBefore = deployment.ledger.acceptedCount;
    await clock.sleep(awayMs / 2);
    const accepted = deployment.ledger.acceptedCount;
    const reports = countOf(deployment.ledger.errorCounts());
    const answered = async (): Promise<number> => (await deployment.compareAnalytics()).rows;
    const counted = async (): Promise<number> => countOf(await deployment.storedAlerts());
    const patience = { timeout: patienceMs, interval: 500 };
    await expect.poll(answered, patience).toBeGreaterThanOrEqual(accepted);
    await expect.poll(counted, patience).toBeGreaterThanOrEqual(reports);
    const { lost: waiting } = await deployment.compare();
    expect(waiting, 'what Cassandra lacks while it is away').toBeGreaterThan(0);
    expect(accepted, 'accepted while it is away').toBeGreaterThan(acceptedBefore);
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

function countOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
