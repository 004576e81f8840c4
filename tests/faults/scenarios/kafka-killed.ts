import { expect } from 'vitest';

import { Deployment } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { peakMegabytes } from '../memory.ts';
import { openTransactions } from '../open-transactions.ts';
import { startOwnEngines } from '../own-engines.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 8_000, ratePerSecond: 500, kills: 1, awayMs: 5_000 },
  full: { events: 120_000, ratePerSecond: 700, kills: 2, awayMs: 60_000 },
} as const;
const mostMegabytes = 400;

/** Kafka is killed while the relay and telemetry commit transactions, and stays away for a while. */
export const kafkaKilled: Scenario = {
  name: 'kafka-killed',
  law: 'goes on where Kafka was killed in the middle of transactions and was away, in bounded memory',
  timeoutMs: { short: 5 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { clock, size, random } = context;
    const { kills, awayMs, ...load } = sizes[size];
    const { engines } = await startOwnEngines(context, ['kafka']);
    const deployment = new Deployment(context, { engines: engines.addresses });
    const roles = [
      await deployment.start('relay'),
      await deployment.start('telemetry'),
      await deployment.start('sink'),
    ];
    const gateway = await deployment.start('gateway');
    const pids = roles.map((role) => role.pid);
    const { fleet, ledger } = deployment;
    const url = await gateway.listening;
    const sending = sendThroughDoor({
      ...load,
      url,
      tokens: await deployment.tokens(),
      fleet,
      ledger,
      clock,
      random,
    });
    let backMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      await clock.sleep(2_000 + random.below(2_000));
      await engines.kill('kafka');
      await clock.sleep(awayMs);
      await engines.start('kafka');
      backMs = clock.nowMs();
    }
    const { refusals, lastAcceptedMs } = await sending;
    const report = await deployment.report(Math.max(lastAcceptedMs, backMs), kills);
    expect(refusals, 'the door needs no Kafka').toBe(0);
    expect(
      roles.map((role) => role.pid),
      'no role ended',
    ).toEqual(pids);
    const megabytes = await Promise.all(pids.map((pid) => peakMegabytes(pid ?? 0)));
    expect(Math.max(...megabytes)).toBeLessThan(mostMegabytes);
    const open = await openTransactions(deployment.engines.OPENFRAME_KAFKA_BROKERS);
    expect(open, 'open transactions').toEqual([]);
    return { ...report, seen: { ...report.seen, peakMegabytes: Math.max(...megabytes), refusals } };
  },
};
