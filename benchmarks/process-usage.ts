import { readdir, readFile } from 'node:fs/promises';

/** What a process has used so far, from Linux' /proc (proc(5)). */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
  /** CPU seconds by kind of thread: `main`, `worker` (relay and telemetry), `pool` (files and DuckDB), `v8`. */
  readonly cpuSecondsByThread: Readonly<Record<string, number>>;
}

/** USER_HZ is 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

export async function processUsage(pid: number): Promise<ProcessUsage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: cpuSecondsOf(await readFile(`/proc/${pid}/stat`, 'utf8')),
    residentBytes: bytesOf(status, 'VmRSS'),
    peakResidentBytes: bytesOf(status, 'VmHWM'),
    cpuSecondsByThread: await threadsOf(pid),
  };
}

/** What it holds in memory now; 0 where it has ended. */
export async function residentBytes(pid: number): Promise<number> {
  return bytesOf(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''), 'VmRSS');
}

function bytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
}

async function threadsOf(pid: number): Promise<Record<string, number>> {
  const used: Record<string, number> = {};
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    // A thread may end between the two calls.
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
    if (stat === '') continue;
    const kind = kindOf(stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
    used[kind] = (used[kind] ?? 0) + cpuSecondsOf(stat);
  }
  return used;
}

/** By the names that Node gives its threads. */
function kindOf(name: string): string {
  if (name === 'MainThread' || name === 'node') return 'main';
  if (name === 'WorkerThread') return 'worker';
  if (name === 'libuv-worker') return 'pool';
  return name === 'V8Worker' || name === 'DelayedTaskSche' ? 'v8' : 'other';
}

/** User and system time of a stat line: fields 14 and 15 of proc_pid_stat(5). */
function cpuSecondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
