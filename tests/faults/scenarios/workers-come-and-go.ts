import { expect } from 'vitest';

import type { RoleChild } from '../../../services/role-child.ts';
import { topics } from '../../../contracts/topics.ts';
import { Deployment } from '../deployment.ts';
import { sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 14_000, ratePerSecond: 500, changes: 4 },
  full: { events: 126_000, ratePerSecond: 700, changes: 60 },
} as const;
const everyMs = 3_000;
const partitions = 4;
const mostIdleMs = 3_000;
const lookEveryMs = 200;

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
    const watching = longestIdle(deployment, clock, over.signal);
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

/** For how long, at most, nothing was committed to one partition of the enriched topic, which is written to all the time. */
async function longestIdle(
  deployment: Deployment,
  clock: { nowMs(): number; sleep(ms: number): Promise<void> },
  over: AbortSignal,
): Promise<number> {
  await using log = await deployment.openLog();
  const last = Array.from({ length: partitions }, () => ({ end: 0, atMs: clock.nowMs() }));
  let longestMs = 0;
  while (!over.aborted) {
    for (const [partition, seen] of last.entries()) {
      const end = await log.endOffset(topics.enriched, partition);
      if (end === seen.end) continue;
      if (seen.end > 0) longestMs = Math.max(longestMs, clock.nowMs() - seen.atMs);
      last[partition] = { end, atMs: clock.nowMs() };
    }
    await clock.sleep(lookEveryMs);
  }
  return longestMs;
}
