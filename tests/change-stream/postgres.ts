import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { ProcessPlan } from '../../engines/engine.ts';
import { launch, untilAnswers } from '../../engines/processes/launch.ts';
import { stopProcess } from '../../engines/processes/stop-process.ts';
import type { Clock } from '../../streams/clock.ts';

const run = promisify(execFile);
/** Where Debian puts the server's programs, a folder a version. */
const debianFolder = '/usr/lib/postgresql';

/** A PostgreSQL of a test's own, with logical decoding on. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  /** Runs statements in one session; those between BEGIN and COMMIT as one transaction. Rejects at the first fault. */
  sql(statements: string): Promise<string>;
}

/**
 * Starts the PostgreSQL of this machine on a folder of its own and waits until it answers. Rejects where none is
 * installed, and says how to install it. Its superuser is `postgres`, from loopback alone, without a password.
 */
export async function startPostgres(options: {
  readonly folder: string;
  readonly port: number;
  readonly clock: Clock;
}): Promise<Postgres> {
  const { folder, port, clock } = options;
  const programs = await serverPrograms();
  const user = await unprivilegedUser();
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o755);
  if (user !== null) await chown(data, user.uid, user.gid);
  const as = (command: string, args: readonly string[]): Pick<ProcessPlan, 'command' | 'args'> =>
    user === null
      ? { command, args }
      : {
          command: 'setpriv',
          args: [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', command, ...args],
        };
  const initdb = as(join(programs, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-N',
    '-E',
    'UTF8',
  ]);
  await run(initdb.command, [...initdb.args], { cwd: data });
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'logical',
    fsync: 'off',
  };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await launch(
    { name: 'postgres', ...as(join(programs, 'postgres'), ['-D', data, ...given]) },
    folder,
  );
  const sql = async (statements: string): Promise<string> => {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-X', '-q', '-A', '-t'];
    const psql = run(join(programs, 'psql'), [...args, '-v', 'ON_ERROR_STOP=1'], { timeout: 20_000 });
    psql.child.stdin?.end(statements);
    return (await psql).stdout.trim();
  };
  await untilAnswers(server, async () => void (await sql('SELECT 1')), folder, clock);
  return { port, sql, [Symbol.asyncDispose]: () => stopProcess(server, clock) };
}

async function serverPrograms(): Promise<string> {
  const versions = existsSync(debianFolder) ? await readdir(debianFolder) : [];
  const found = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'psql')));
  if (found !== undefined) return found;
  throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql)');
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. Null where nobody is root. */
async function unprivilegedUser(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined)
    throw new Error('there is no user postgres to run the server as');
  return { uid: Number(uid), gid: Number(gid) };
}
