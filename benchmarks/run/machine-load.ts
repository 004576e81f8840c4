import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** USER_HZ is 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

/** CPU seconds that all processes of the machine have used since it started (proc_stat(5): all but idle and iowait). */
export async function machineCpuSeconds(): Promise<number> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  // cpu user nice system idle iowait irq softirq steal; what guests use is in user already.
  const fields = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const busy = fields.filter((_, i) => i !== 3 && i !== 4);
  return busy.reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond;
}

/** The share of the machine that processes other than the measured ones used: 0 on a quiet machine, 1 at most. */
export function foreignShare(machineSeconds: number, measuredSeconds: number, wallSeconds: number): number {
  return Math.max(0, machineSeconds - measuredSeconds) / (wallSeconds * cpus().length);
}
