import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runTool } from '../../engines/run-tool.ts';
import { freePort } from '../support/platform-process.ts';

const packageFolder = fileURLToPath(new URL('./meshcentral/', import.meta.url));
const startWithinMs = 120_000;

/** An event as MeshCentral's own database file holds it. */
export interface KeptEvent {
  readonly _id: string;
  readonly time: { readonly $$date: number };
  readonly action?: string;
  readonly etype?: string;
  /** Missing on what no question brings. */
  readonly domain?: string;
  readonly userid?: string;
}

/** A real MeshCentral on loopback with its embedded database, in a folder of its own. */
export interface MeshCentral extends AsyncDisposable {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The certificate of its own authority. */
  readonly caFile: string;
  /** What its database file holds now. */
  events(): Promise<readonly KeptEvent[]>;
  /** Ends it with SIGINT, as Ctrl-C does, so that it says so, and starts it again. */
  restart(): Promise<void>;
}

/**
 * The folder of its program in the engines' cache, as `package-lock.json` beside this file pins it: npm checks every
 * package against its hash and runs no script of any.
 */
export async function provideMeshCentral(cacheDir: string): Promise<string> {
  const lock = JSON.parse(await readFile(join(packageFolder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const folder = join(cacheDir, `meshcentral-${lock.packages['node_modules/meshcentral']?.version ?? ''}`);
  const program = join(folder, 'node_modules', 'meshcentral', 'meshcentral.js');
  if (existsSync(program)) return program;
  const partial = join(cacheDir, `meshcentral-${process.pid}.partial`);
  try {
    await mkdir(partial, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      await copyFile(join(packageFolder, name), join(partial, name));
    }
    const quietly = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
    await runTool('npm', ['ci', ...quietly], { cwd: partial });
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return program;
}

/** Starts it with one full administrator. It is given no npm: with one it installs modules at its start. */
export async function startMeshCentral(program: string, folder: string): Promise<MeshCentral> {
  const [data, port] = [join(folder, 'data'), await freePort()];
  const [user, password] = ['admin', 'Adm1n-Passw0rd'];
  await mkdir(data, { recursive: true });
  await writeFile(join(data, 'config.json'), JSON.stringify(configuration(port)));
  const args = [program, '--datapath', data, '--filespath', join(folder, 'files'), '--npmpath', 'no-npm'];
  const account = ['--createaccount', user, '--pass', password, '--email', 'admin@example.com'];
  await runTool(process.execPath, [...args, ...account], { cwd: folder });
  await runTool(process.execPath, [...args, '--adminaccount', user], { cwd: folder });
  let running = await launch(args, folder, port);
  return {
    url: `https://127.0.0.1:${port}`,
    user,
    password,
    caFile: join(data, 'root-cert-public.crt'),
    events: () => readEvents(join(data, 'meshcentral-events.db')),
    async restart() {
      await end(running, 'SIGINT');
      running = await launch(args, folder, port);
    },
    [Symbol.asyncDispose]: () => end(running, 'SIGKILL'),
  };
}

/** Nothing of it leaves loopback: no other ports, no time stamps from elsewhere, no updates, no multicast. */
function configuration(port: number): object {
  const settings = {
    ...{ cert: '127.0.0.1', port, portBind: '127.0.0.1', exactPort: true, redirPort: 0, mpsPort: 0 },
    ...{
      WANonly: true,
      selfUpdate: false,
      autoBackup: false,
      no2factorauth: true,
      agentTimeStampServer: false,
    },
    maxInvalidLogin: { time: 1, count: 1_000, coolofftime: 1 },
  };
  return { settings, domains: { '': { newAccounts: false } } };
}

async function launch(args: readonly string[], cwd: string, port: number): Promise<ChildProcess> {
  // Its server is a child of what is started: a group of their own ends both.
  const child = spawn(process.execPath, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const isReady = new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`MeshCentral did not start in time:\n${said}`)),
      startWithinMs,
    );
    const take = (chunk: Buffer): void => {
      said += chunk.toString();
      if (!said.includes(`running on 127.0.0.1:${port}`)) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`MeshCentral ended with ${String(code)}:\n${said}`));
    });
  });
  try {
    await isReady;
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  const late = setTimeout(() => signalGroup(child, 'SIGKILL'), 20_000);
  signalGroup(child, signal);
  await gone;
  clearTimeout(late);
  signalGroup(child, 'SIGKILL');
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The whole group is gone.
  }
}

/** NeDB appends: a line is a document, a newer one of the same `_id` replaces it, `$$deleted` removes it. */
async function readEvents(path: string): Promise<readonly KeptEvent[]> {
  const kept = new Map<string, KeptEvent>();
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (line === '') continue;
    const document = JSON.parse(line) as KeptEvent & {
      readonly $$deleted?: boolean;
      readonly $$indexCreated?: object;
    };
    if (document.$$indexCreated !== undefined) continue;
    if (document.$$deleted === true) kept.delete(document._id);
    else kept.set(document._id, document);
  }
  return [...kept.values()];
}
