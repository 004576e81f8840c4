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
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return {
    cpuSeconds: cpuSecondsOf(await readFile(`/proc/${pid}/stat`, 'utf8')),
    residentBytes: kibibytes('VmRSS') * 1024,
    peakResidentBytes: kibibytes('VmHWM') * 1024,
    cpuSecondsByThread: await threadsOf(pid),
  };
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
