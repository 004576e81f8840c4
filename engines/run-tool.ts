import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { OpenFrameError } from '../contracts/errors.ts';

const keptLines = 15;

export interface ToolOptions {
  readonly cwd?: string;
  /** Called with each line of output, as it comes. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program of this machine to its end and returns what it printed last. Rejects with
 * `CONFIGURATION_INVALID` where the program is missing, and with `INTERNAL` and its last lines where it failed.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  { cwd, onLine }: ToolOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '' && last.push(line) > keptLines) last.shift();
      onLine?.(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(command, cause)));
    child.once('close', resolve);
  });
  if (code === 0) return last.join('\n');
  throw new OpenFrameError('INTERNAL', `${command} failed (exit ${String(code)}):\n${last.join('\n')}`);
}

function notStarted(command: string, cause: NodeJS.ErrnoException): OpenFrameError {
  const reason = cause.code === 'ENOENT' ? 'it is not installed' : cause.message;
  return new OpenFrameError('CONFIGURATION_INVALID', `${command} could not be started: ${reason}.`, {
    cause,
  });
}
