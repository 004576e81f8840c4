import { expect } from 'vitest';

import { Deployment } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { startFaultyNetwork } from '../proxy.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 6_000, ratePerSecond: 400, rounds: 1, awayMs: 3_000 },
  full: { events: 60_000, ratePerSecond: 600, rounds: 6, awayMs: 10_000 },
} as const;
const resets = 3;

/** MongoDB and Redis go away, come back, and have their connections reset, while agents send. */
export const storesAway: Scenario = {
  name: 'stores-away',
  law: 'takes events from agents that it knows while MongoDB and Redis are away, and after their connections were reset',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size, random, stack } = context;
    const { rounds, awayMs, ...load } = sizes[size];
    const deployment = new Deployment(context);
    const mongo = new URL(deployment.engines.OPENFRAME_MONGODB_URL);
    const redis = new URL(deployment.engines.OPENFRAME_REDIS_URL);
    const networks = [
      stack.use(await startFaultyNetwork(mongo.hostname, Number(mongo.port))),
      stack.use(await startFaultyNetwork(redis.hostname, Number(redis.port))),
    ] as const;
    const env = {
      OPENFRAME_MONGODB_URL: `mongodb://${networks[0].address}`,
      OPENFRAME_REDIS_URL: `redis://${networks[1].address}`,
    };
    const roles = [
      await deployment.start('gateway', { env }),
      await deployment.start('relay', { env }),
      await deployment.start('telemetry', { env }),
      await deployment.start('sink', { env }),
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
      for (const network of networks) {
        await clock.sleep(1_500);
        network.weather = { kind: 'away' };
        await clock.sleep(awayMs);
        network.weather = { kind: 'fair' };
        faults++;
        for (let reset = 0; reset < resets; reset++, faults++) {
          await clock.sleep(200);
          network.reset();
        }
      }
    }
    const { refusals, lastAcceptedMs } = await sending;
    const report = await deployment.report(lastAcceptedMs, faults, { refusals });
    expect(
      roles.map((role) => role.pid),
      'no role ended',
    ).toEqual(pids);
    return report;
  },
};
