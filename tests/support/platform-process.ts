import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** As `npm start`, the command's first line and the image have them. */
export const nodeFlags = [
  '--max-semi-space-size=8',
  '--initial-old-space-size=48',
  '--heap-growing-percent=200',
];
const cli = fileURLToPath(new URL('../../cli/openframe.js', import.meta.url));

/** What `openframe up --json` prints once it is ready. */
export interface Ready {
  readonly url: string;
  readonly token: string;
  readonly readyMs: number;
}

/** A platform in a process of its own, as a user starts it. */
export interface PlatformProcess extends AsyncDisposable {
  readonly ready: Ready;
  readonly child: ChildProcess;
  /** Standard error so far. */
  stderr(): string;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `env` is added to this process's. */
export async function startPlatformProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess> {
  const child = spawn(process.execPath, [...nodeFlags, cli, 'up', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, 'exit');
  const ready = await firstJson(child).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${errors}`, { cause: error });
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    ready,
    child,
    stderr: () => errors,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGINT'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}

/** Runs a command of the CLI to its end, which is asked for after `timeoutMs`. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeoutMs?: number,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** A token of a role of a tenant, made by the CLI. */
export async function mintToken(dataDir: string, role: string, tenant = 'default'): Promise<string> {
  const minted = await runCli(['token', '--tenant', tenant, '--role', role, '--data-dir', dataDir]);
  if (minted.code !== 0) throw new Error(minted.stderr);
  return minted.stdout.trim().split('\n').at(-1) ?? '';
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function firstJson(child: ChildProcess): Promise<Ready> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const said = parsedJson(text);
    if (said === undefined) continue;
    // What it could not start with, in place of where it is.
    if (!('url' in said)) break;
    return said as Ready;
  }
  await once(child, 'close');
  throw new Error(`the platform ended with ${String(child.exitCode)} before it was ready: ${text}`);
}

/** The whole object that this text is; undefined where there is more to come. */
function parsedJson(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
