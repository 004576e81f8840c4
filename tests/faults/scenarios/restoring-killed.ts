import { Deployment, kill } from '../deployment.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { before: 6_000, during: 4_000, ratePerSecond: 800, kills: 4 },
  full: { before: 200_000, during: 60_000, ratePerSecond: 2_000, kills: 20 },
} as const;
/** From its start until it has joined, restored its state and begins to commit, a process takes about this long. */
const startingMs = { least: 400, span: 2_600 } as const;

/** Telemetry is killed again and again before it is at work, while it joins its group and reads its state back. */
export const restoringKilled: Scenario = {
  name: 'restoring-killed',
  law: 'remembers what it has seen where telemetry is killed again and again while it restores its state',
  timeoutMs: { short: 4 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { clock, size, random } = context;
    const { before, during, ratePerSecond, kills } = sizes[size];
    const deployment = new Deployment(context);
    const telemetry = await deployment.start('telemetry');
    await deployment.start('sink');
    await sendRaw(context, deployment, { events: before, ratePerSecond });
    const sending = sendRaw(context, deployment, { events: during, ratePerSecond });
    let done = 0;
    for (let last: number | undefined; done < kills;) {
      const { pid } = telemetry;
      if (pid === undefined || pid === last) {
        await clock.sleep(20);
        continue;
      }
      await clock.sleep(startingMs.least + random.below(startingMs.span));
      if (kill(telemetry)) done++;
      last = pid;
    }
    return deployment.report(Math.max(await sending, clock.nowMs()), done);
  },
};
