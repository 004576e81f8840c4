import { expect } from 'vitest';

import { freePort } from '../../support/platform-process.ts';
import { Deployment } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { openTransactions } from '../open-transactions.ts';
import { startOwnEngines } from '../own-engines.ts';
import { startFaultyNetwork } from '../proxy.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 9_000, ratePerSecond: 400, rounds: 1 },
  full: { events: 120_000, ratePerSecond: 600, rounds: 8 },
} as const;
const slowness = { kind: 'slow', delayMs: 50 } as const;
const slowMs = 2_000;
const halfOpenMs = 3_000;
const awayMs = 1_500;
const resets = 3;
const betweenMs = 500;

/** Between the roles and Kafka, and between them and NATS: answers late, answers lost, resets, and no way at all. */
export const badNetwork: Scenario = {
  name: 'bad-network',
  law: 'goes on where connections to Kafka and NATS are slow, half open, reset, and away',
  timeoutMs: { short: 5 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { clock, size, random, stack } = context;
    const { rounds, ...load } = sizes[size];
    const behind = await freePort();
    const toKafka = stack.use(await startFaultyNetwork('127.0.0.1', behind));
    // A client goes where the broker says that it is: to the proxy.
    const kafka = ({ client, controller }: Readonly<Record<string, number>>): string => `
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller},FAULTY://127.0.0.1:${behind}
advertised.listeners=PLAINTEXT://127.0.0.1:${client},FAULTY://${toKafka.address}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,FAULTY:PLAINTEXT
`;
    const { engines } = await startOwnEngines(context, ['kafka', 'nats'], { moreSettings: { kafka } });
    const nats = new URL(engines.addresses.OPENFRAME_NATS_URL ?? '');
    const toNats = stack.use(await startFaultyNetwork(nats.hostname, Number(nats.port)));
    const deployment = new Deployment(context, {
      engines: engines.addresses,
      env: {
        OPENFRAME_KAFKA_BROKERS: toKafka.address,
        OPENFRAME_NATS_URL: `nats://${toNats.address}`,
      },
    });
    const roles = [
      await deployment.start('gateway'),
      await deployment.start('relay'),
      await deployment.start('telemetry'),
      await deployment.start('sink'),
    ];
    const pids = roles.map((role) => role.pid);
    const { fleet, ledger } = deployment;
    const sending = sendThroughDoor({
      ...load,
      url: (await roles[0]?.listening) ?? '',
      tokens: await deployment.tokens(),
      fleet,
      ledger,
      clock,
      random,
    });
    let faults = 0;
    for (let round = 0; round < rounds; round++) {
      for (const network of [toKafka, toNats]) {
        for (const [weather, ms] of [
          [slowness, slowMs],
          [{ kind: 'half-open' }, halfOpenMs],
          [{ kind: 'away' }, awayMs],
        ] as const) {
          network.weather = weather;
          await clock.sleep(ms);
          network.weather = { kind: 'fair' };
          await clock.sleep(betweenMs);
          faults++;
        }
        for (let reset = 0; reset < resets; reset++, faults++) {
          network.reset();
          await clock.sleep(betweenMs);
        }
      }
    }
    const overMs = clock.nowMs();
    const { refusals, lastAcceptedMs } = await sending;
    const report = await deployment.report(Math.max(lastAcceptedMs, overMs), faults, { refusals });
    expect(
      roles.map((role) => role.pid),
      'no role ended',
    ).toEqual(pids);
    const open = await openTransactions(deployment.engines.OPENFRAME_KAFKA_BROKERS);
    expect(open, 'open transactions').toEqual([]);
    return report;
  },
};
