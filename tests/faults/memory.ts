import { readFile } from 'node:fs/promises';

/** The most memory that a process had at a time, in MB (Linux). */
export function peakMegabytes(pid: number): Promise<number> {
  return megabytesOf(pid, /VmHWM:\s+(\d+) kB/);
}

/** The memory that a process has now, in MB (Linux). */
export function residentMegabytes(pid: number): Promise<number> {
  return megabytesOf(pid, /VmRSS:\s+(\d+) kB/);
}

async function megabytesOf(pid: number, line: RegExp): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(line.exec(status)?.[1] ?? 0) / 1024);
}
