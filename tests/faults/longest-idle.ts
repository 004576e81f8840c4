import { topics } from '../../contracts/topics.ts';
import type { Deployment } from './deployment.ts';
import type { FaultContext } from './scenario.ts';

/** No partition may stand still for longer while workers change. */
export const mostIdleMs = 3_000;
const lookEveryMs = 200;

/**
 * For how long, at most, nothing was committed to one partition of the enriched topic, which must be written to all the
 * time until `over` aborts.
 */
export async function longestIdle(
  deployment: Deployment,
  { clock }: Pick<FaultContext, 'clock'>,
  over: AbortSignal,
): Promise<number> {
  await using log = await deployment.openLog();
  const last = Array.from({ length: deployment.partitions }, () => ({ end: 0, atMs: clock.nowMs() }));
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
