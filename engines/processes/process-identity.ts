import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A process by more than its number, which the machine gives to another one day. */
export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** When it started, in words of this machine; equal for the same process alone. */
  started: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

interface ProcessFacts {
  readonly started: string;
  /** Ended, and no more than a line in the table until its parent has asked for its exit code. */
  readonly ended: boolean;
  readonly memoryBytes: number;
}

/** The process that runs under this number now; null where none does. */
export function identify(pid: number): ProcessIdentity | null {
  const facts = factsOf(pid);
  return facts === null ? null : { pid, started: facts.started };
}

/** True while the very process runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return factsOf(pid)?.started === started;
}

/** True while any process runs under this number. */
export function isAlive(pid: number): boolean {
  return factsOf(pid) !== null;
}

/** Resident memory of a process; 0 where it is gone. */
export function memoryBytesOf({ pid }: ProcessIdentity): number {
  return factsOf(pid)?.memoryBytes ?? 0;
}

/** Sends a signal to that very process; false where it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function factsOf(pid: number): ProcessFacts | null {
  const facts = process.platform === 'linux' ? factsOnLinux(pid) : factsFromPs(pid);
  return facts?.ended === true ? null : facts;
}

/**
 * proc(5): fields 3 (state), 20 (threads) and 22 (start, in ticks since boot) of `stat`; VmRSS of `status`. A killed
 * server is a zombie while threads of it still give back memory and ports: it has ended when none is left.
 */
function factsOnLinux(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return {
      started: `${boot} ${fields[19] ?? ''}`,
      ended: fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1),
      memoryBytes: Number(resident?.[1] ?? 0) * 1024,
    };
  } catch {
    return null;
  }
}

function factsFromPs(pid: number): ProcessFacts | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,rss=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
    const [state = '', resident = '', ...started] = line.trim().split(/\s+/);
    return { started: started.join(' '), ended: state.startsWith('Z'), memoryBytes: Number(resident) * 1024 };
  } catch {
    return null;
  }
}
