import { expect } from 'vitest';

import type { RoleChild } from '../../../services/role-child.ts';
import { Deployment } from '../deployment.ts';
import { longestIdle, mostIdleMs } from '../longest-idle.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 14_000, ratePerSecond: 500, changes: 4 },
  full: { events: 126_000, ratePerSecond: 700, changes: 60 },
} as const;
const everyMs = 3_000;
const partitions = 4;

/** A worker joins, then one leaves as a deployment ends one, and so on, while every partition is written to. */
export const workersComeAndGo: Scenario = {
  name: 'workers-come-and-go',
  law: 'leaves no partition alone for more than three seconds where workers join and leave under load',
  timeoutMs: { short: 4 * minuteMs, full: 12 * minuteMs },
  async run(context) {
    const { clock, size } = context;
    const { changes, ...load } = sizes[size];
    const deployment = new Deployment(context, { partitions });
    const workers: RoleChild[] = [];
    const join = async (): Promise<void> => {
      workers.push(await deployment.start('telemetry', { instance: `telemetry-${workers.length}` }));
    };
    await join();
    await deployment.start('sink');
    const over = new AbortController();
    const sending = sendRaw(context, deployment, load).finally(() => over.abort());
    const watching = longestIdle(deployment, context, over.signal);
    let first = 0;
    for (let change = 0; change < changes && !over.signal.aborted; change++) {
      await clock.sleep(everyMs);
      if (change % 2 === 0) await join();
      else await workers[first++]?.stop();
    }
    const report = await deployment.report(await sending, changes);
    const longestIdleMs = await watching;
    // The short one runs beside other suites: what a busy machine adds is no fault of the group.
    if (size === 'full') expect(longestIdleMs, 'a partition stood still').toBeLessThanOrEqual(mostIdleMs);
    return { ...report, seen: { ...report.seen, longestIdleMs } };
  },
};
