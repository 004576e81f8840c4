import { readdir, readFile } from 'node:fs/promises';

import type { Clock } from '../../streams/clock.ts';
import { parseProcessStat, type ProcessTimes } from './proc-texts.ts';
import type { ProcessUsage } from './samples.ts';

/** USER_HZ is 100 on every architecture of Node; pages are 4 KiB but on kernels built for larger ones. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** How many /proc files are open at once. */
const atOnce = 16;
/** A machine with more processes than this is measured by its first ones. */
const manyProcesses = 20_000;

/** Reads /proc/<pid>/stat of all processes; CPU shares are against the call before. */
export function readLinuxProcesses(clock: Clock): () => Promise<ProcessUsage[]> {
  let before = new Map<number, ProcessTimes>();
  let beforeMs = 0;
  return async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).slice(0, manyProcesses);
    const nowMs = clock.nowMs();
    const now = new Map<number, ProcessTimes>();
    for (let i = 0; i < pids.length; i += atOnce) {
      const stats = await Promise.all(pids.slice(i, i + atOnce).map(readProcess));
      for (const stat of stats) if (stat !== undefined) now.set(stat.pid, stat);
    }
    const usage = usageBetween(before, now, (nowMs - beforeMs) / 1000);
    before = now;
    beforeMs = nowMs;
    return usage;
  };
}

/** A process that was not there before, or was another one under the same pid, has no CPU share yet. */
export function usageBetween(
  before: ReadonlyMap<number, ProcessTimes>,
  now: ReadonlyMap<number, ProcessTimes>,
  seconds: number,
): ProcessUsage[] {
  return [...now.values()].map((process) => {
    const earlier = before.get(process.pid);
    const same = earlier !== undefined && earlier.startedAt === process.startedAt && seconds > 0;
    const cpu = same ? Math.max(0, process.ticks - earlier.ticks) / ticksPerSecond / seconds : undefined;
    return { pid: process.pid, name: process.name, cpu, memoryBytes: process.residentPages * pageBytes };
  });
}

async function readProcess(pid: string): Promise<ProcessTimes | undefined> {
  try {
    return parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // It ended since it was listed.
  }
}
