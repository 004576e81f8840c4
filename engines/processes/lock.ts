import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { OpenFrameError } from '../../contracts/errors.ts';
import { identify, isRunning, processIdentitySchema } from './process-identity.ts';

/**
 * Does `work` while no other process starts or stops engines of the data folder. A process that was killed leaves
 * its lock behind, which the next one takes over. Rejects with `DATA_FOLDER_IN_USE`, which names who holds it.
 */
export async function whileLocked<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const path = join(dataDir, 'lock');
  mkdirSync(dataDir, { recursive: true });
  takeLock(path, dataDir);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function takeLock(path: string, dataDir: string): void {
  const mine = JSON.stringify(identify(process.pid));
  for (;;) {
    try {
      return writeFileSync(path, mine, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      removeStale(path, dataDir);
    }
  }
}

function removeStale(path: string, dataDir: string): void {
  const holder = processIdentitySchema.safeParse(readHolder(path)).data;
  if (holder !== undefined && isRunning(holder)) {
    const message = `Process ${holder.pid} is starting or stopping the engines in ${dataDir}. Wait for it, or choose another folder with --data-dir.`;
    throw new OpenFrameError('DATA_FOLDER_IN_USE', message, { retryable: true });
  }
  rmSync(path, { force: true });
}

function readHolder(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
