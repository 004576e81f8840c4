import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A strace that is attached to a process. */
export interface Tracer {
  /** Resolves when strace is gone: after `detach`, or with the process. */
  readonly ended: Promise<void>;
  /** Lets the process go on without it. */
  detach(): Promise<void>;
}

/** Attaches strace to all threads of a process. Needs strace, and the right to use it. */
export async function attachStrace(pid: number, args: readonly string[]): Promise<Tracer> {
  const tracer = spawn('strace', ['-f', ...args, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(tracer, 'spawn').catch((cause: unknown) => {
    throw new Error('strace could not be started: install it (Debian: apt-get install strace)', { cause });
  });
  const ended = once(tracer, 'exit').then(() => undefined);
  const [attached] = (await once(tracer.stderr, 'data')) as [Buffer];
  tracer.stderr.resume();
  if (!attached.toString().includes('attached')) throw new Error(`strace: ${attached.toString()}`);
  const detach = async (): Promise<void> => {
    tracer.kill('SIGINT');
    await ended;
  };
  return { ended, detach };
}
