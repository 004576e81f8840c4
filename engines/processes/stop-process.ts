import type { Clock } from '../../streams/clock.ts';
import { isRunning, type ProcessIdentity, signalProcess } from './process-identity.ts';

const patienceMs = 30_000;
const lookEveryMs = 50;

/** Ends a process: asks it, paused or not, and kills it where it has not gone after 30 s. Resolves when it is gone. */
export async function stopProcess(identity: ProcessIdentity, clock: Clock): Promise<void> {
  signalProcess(identity, 'SIGTERM');
  signalProcess(identity, 'SIGCONT');
  if (await gone(identity, clock, patienceMs)) return;
  await killProcess(identity, clock);
}

/** `kill -9`. Resolves when it is gone. */
export async function killProcess(identity: ProcessIdentity, clock: Clock): Promise<void> {
  signalProcess(identity, 'SIGKILL');
  await gone(identity, clock, Number.POSITIVE_INFINITY);
}

async function gone(identity: ProcessIdentity, clock: Clock, patience: number): Promise<boolean> {
  const deadlineMs = clock.nowMs() + patience;
  while (isRunning(identity)) {
    if (clock.nowMs() >= deadlineMs) return false;
    await clock.sleep(lookEveryMs);
  }
  return true;
}
