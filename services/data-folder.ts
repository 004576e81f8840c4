import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import { takeFileLock } from '../stores/embedded/file-lock.ts';

/** Raised when a file in the data folder changes its form. Format 1 is taken over by the store that changed. */
const formatVersion = 2;

const serverSchema = z.object({
  pid: z.number(),
  url: z.url(),
  controlToken: z.string(),
  profile: z.enum(['embedded', 'distributed']),
});
/** What a running server leaves in its folder so that the command line finds it. */
export type ServerAddress = z.infer<typeof serverSchema>;

export interface DataFolder extends Disposable {
  readonly path: string;
  file(name: string): string;
  announce(server: ServerAddress): void;
}

/**
 * Opens a data folder for this process alone. The lock is the operating system's, on a SQLite file, so a
 * killed process leaves none behind. Throws `DATA_FOLDER_IN_USE`, or `DATA_FOLDER_TOO_NEW` where a later
 * version of the platform wrote it.
 */
export function openDataFolder(path: string): DataFolder {
  mkdirSync(path, { recursive: true });
  const file = (name: string): string => join(path, name);
  const lock = takeLock(path);
  checkFormat(file('format.json'));
  return {
    path,
    file,
    announce: (server) => writeFileSync(file('server.json'), JSON.stringify(server), { mode: 0o600 }),
    [Symbol.dispose]: () => {
      rmSync(file('server.json'), { force: true });
      lock[Symbol.dispose]();
    },
  };
}

/** The server that runs on a data folder; null where none does. */
export function runningServer(path: string): ServerAddress | null {
  try {
    const server = serverSchema.parse(JSON.parse(readFileSync(join(path, 'server.json'), 'utf8')));
    process.kill(server.pid, 0);
    return server;
  } catch {
    return null;
  }
}

function takeLock(path: string): Disposable {
  const lock = takeFileLock(join(path, 'lock'));
  if (lock !== null) return lock;
  const server = runningServer(path);
  const who =
    server === null ? 'Another process' : `The server with process id ${server.pid} (${server.url})`;
  throw new OpenFrameError(
    'DATA_FOLDER_IN_USE',
    `${who} uses the data folder ${path}. Stop it first, or choose another folder with --data-dir.`,
  );
}

function checkFormat(path: string): void {
  let found: unknown = 0;
  try {
    found = (JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown }).version;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      const message = `The file ${path} cannot be read: it should say {"version":${formatVersion}}.`;
      throw new OpenFrameError('STATE_CORRUPT', message, { cause });
    }
  }
  if (found === formatVersion) return;
  if (typeof found === 'number' && found < formatVersion) {
    writeFileSync(path, JSON.stringify({ version: formatVersion }));
    return;
  }
  throw new OpenFrameError(
    'DATA_FOLDER_TOO_NEW',
    `The data folder was written by a newer version (format ${String(found)}; this one knows ${formatVersion}). ` +
      'Start the newer version, or choose another folder with --data-dir.',
  );
}
