import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

const children = new Set<ChildProcess>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Asks the child to end where this process ends first, by a signal too: nothing is left running. */
export function endWithUs(child: ChildProcess): void {
  watch();
  children.add(child);
  child.once('exit', () => children.delete(child));
}

let isWatching = false;

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', () => {
    for (const child of children) child.kill('SIGTERM');
  });
  for (const signal of signals) process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
