import { Deployment } from '../deployment.ts';
import { startOwnEngines } from '../own-engines.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 8_000, ratePerSecond: 400 },
  full: { events: 120_000, ratePerSecond: 1_000 },
} as const;
const awayMs = 2_000;

/** Pinot's server is killed while it consumes, then its controller, and each is started again. */
export const pinotKilled: Scenario = {
  name: 'pinot-killed',
  law: 'has every event in Pinot once where its server and its controller are killed under load',
  timeoutMs: { short: 6 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { clock, size, random } = context;
    const { engines } = await startOwnEngines(context, ['pinot'], { pinotApart: true });
    const deployment = new Deployment(context, {
      engines: engines.addresses,
      allStores: true,
      errorOneOf: 20,
    });
    for (const role of ['telemetry', 'sink', 'alerts'] as const) await deployment.start(role);
    const sending = sendRaw(context, deployment, sizes[size]);
    let backMs = 0;
    const killed = ['pinot-server', 'pinot-controller'];
    for (const name of killed) {
      await clock.sleep(2_000 + random.below(2_000));
      await engines.kill(name);
      await clock.sleep(awayMs);
      await engines.start(name);
      backMs = clock.nowMs();
    }
    return deployment.report(Math.max(await sending, backMs), killed.length);
  },
};
