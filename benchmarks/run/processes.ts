import { readdir, readFile } from 'node:fs/promises';

import { processUsage, residentBytes } from '../process-usage.ts';

/** One role of the platform: the process `up` itself, or a child that runs `service <role>`. */
export interface RoleProcess {
  readonly role: string;
  readonly pid: number;
}

/** CPU and memory of one role. */
export interface RoleUsage {
  readonly role: string;
  readonly cpuSeconds: number;
  /** By kind of thread: `main`, `worker` (relay and telemetry), `pool` (files and DuckDB), `v8`. */
  readonly cpuSecondsByThread: Readonly<Record<string, number>>;
  readonly peakResidentMb: number;
}

/** The platform's processes, by Linux' /proc: `pid` and what it started. */
export async function roleProcesses(pid: number): Promise<RoleProcess[]> {
  const roles: RoleProcess[] = [{ role: 'platform', pid }];
  for (const child of await childrenOf(pid)) {
    const command = (await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const service = command.indexOf('service');
    if (service >= 0) roles.push({ role: command[service + 1] ?? 'service', pid: child });
  }
  return roles;
}

/** Used so far by each. */
export async function usageOf(roles: readonly RoleProcess[]): Promise<RoleUsage[]> {
  return Promise.all(
    roles.map(async ({ role, pid }) => {
      const { cpuSeconds, cpuSecondsByThread, peakResidentBytes } = await processUsage(pid);
      return { role, cpuSeconds, cpuSecondsByThread, peakResidentMb: Math.round(peakResidentBytes / 1e6) };
    }),
  );
}

/** What all of them hold in memory now; one that has just ended counts for nothing. */
export async function residentMbOf(roles: readonly RoleProcess[]): Promise<number> {
  const held = await Promise.all(roles.map(({ pid }) => residentBytes(pid)));
  return held.reduce((sum, bytes) => sum + bytes / 1e6, 0);
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter((id) => id !== '')).map(Number);
}
