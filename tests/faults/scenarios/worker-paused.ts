import { expect } from 'vitest';

import { Deployment } from '../deployment.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 12_000, ratePerSecond: 500, rounds: 1 },
  full: { events: 90_000, ratePerSecond: 700, rounds: 6 },
} as const;
/** Longer than a session, so that the others have the partitions and have gone on when the worker comes back. */
const pausedMs = 13_000;

/** A telemetry worker stands still with a batch in hand, and goes on with it when its partitions are another's. */
export const workerPaused: Scenario = {
  name: 'worker-paused',
  law: 'fences a telemetry worker that was stopped past its session before it writes anything',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size } = context;
    const { rounds, ...load } = sizes[size];
    const deployment = new Deployment(context);
    const workers = [
      await deployment.start('telemetry', { instance: 'telemetry-a' }),
      await deployment.start('telemetry', { instance: 'telemetry-b' }),
    ];
    await deployment.start('sink');
    const sending = sendRaw(context, deployment, load);
    let kept = 0;
    for (let round = 0; round < rounds; round++) {
      const pid = workers[round % workers.length]?.pid;
      if (pid === undefined) throw new Error('a worker without a process');
      await clock.sleep(2_000 + context.random.below(1_000));
      process.kill(pid, 'SIGSTOP');
      await clock.sleep(pausedMs);
      process.kill(pid, 'SIGCONT');
      await clock.sleep(1_000);
      if (workers[round % workers.length]?.pid === pid) kept++;
    }
    const report = await deployment.report(await sending, rounds, { goneOnWith: kept });
    // What was fenced is no reason to end.
    expect(kept).toBe(rounds);
    return report;
  },
};
