import { expect } from 'vitest';

import { Deployment } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { peakMegabytes, residentMegabytes } from '../memory.ts';
import { openTransactions } from '../open-transactions.ts';
import { startOwnEngines } from '../own-engines.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 8_000, ratePerSecond: 500, kills: 1, awayMs: 5_000, stillMs: 0 },
  full: { events: 120_000, ratePerSecond: 700, kills: 2, awayMs: 60_000, stillMs: 20_000 },
} as const;
/** The sink has the most when it writes in a few seconds what waited for minutes: a bound on what it takes at a time. */
const mostMegabytes = 400;
/** What a process that waits has not collected yet. One that kept what it tries again and again would need more. */
const mostGrowthMegabytes = 100;

/**
 * Kafka is killed while the relay and telemetry commit transactions, and stays away for a while. Then it stands still
 * (SIGSTOP) for longer than its controller waits for it, and answers what it was asked that it does not lead any more.
 */
export const kafkaKilled: Scenario = {
  name: 'kafka-killed',
  law: 'goes on where Kafka was killed in the middle of transactions and was away, in bounded memory',
  timeoutMs: { short: 5 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { clock, size, random } = context;
    const { kills, awayMs, stillMs, ...load } = sizes[size];
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
    const memory = (read: (pid: number) => Promise<number>) => Promise.all(pids.map((pid) => read(pid ?? 0)));
    const growths: number[] = [];
    let backMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      await clock.sleep(2_000 + random.below(2_000));
      await engines.kill('kafka');
      const before = await memory(residentMegabytes);
      await clock.sleep(awayMs);
      const after = await memory(residentMegabytes);
      growths.push(...after.map((megabytes, i) => megabytes - (before[i] ?? 0)));
      await engines.start('kafka');
      backMs = clock.nowMs();
    }
    if (stillMs > 0) {
      engines.pause('kafka');
      await clock.sleep(stillMs);
      engines.resume('kafka');
      backMs = clock.nowMs();
    }
    const { refusals, lastAcceptedMs } = await sending;
    const report = await deployment.report(Math.max(lastAcceptedMs, backMs), kills + Math.sign(stillMs));
    expect(refusals, 'the door needs no Kafka').toBe(0);
    expect(
      roles.map((role) => role.pid),
      'no role ended',
    ).toEqual(pids);
    const peaks = await memory(peakMegabytes);
    expect(Math.max(...peaks), 'MB').toBeLessThan(mostMegabytes);
    expect(Math.max(...growths), 'MB more while Kafka was away').toBeLessThan(mostGrowthMegabytes);
    const open = await openTransactions(deployment.engines.OPENFRAME_KAFKA_BROKERS);
    expect(open, 'open transactions').toEqual([]);
    const [relay = 0, telemetry = 0, sink = 0] = peaks;
    const awayGrowthMegabytes = Math.max(...growths);
    const seen = {
      relayMegabytes: relay,
      telemetryMegabytes: telemetry,
      sinkMegabytes: sink,
      awayGrowthMegabytes,
    };
    return { ...report, seen: { ...report.seen, ...seen, refusals } };
  },
};
