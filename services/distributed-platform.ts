import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

import { OpenFrameError } from '../contracts/errors.ts';
import { defaultTenantId } from '../contracts/tenant.ts';
import { Backoff } from '../streams/backoff.ts';
import { createRandom } from '../streams/random.ts';
import { startAgent } from './agent.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { checkEngines, describeFault } from './engine-checks.ts';
import { distributedEngines } from './engines-distributed.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { RoleChild } from './role-child.ts';
import type { RoleName } from './role-names.ts';
import { provideKeyFile } from './secret-key.ts';
import type { Settings } from './settings.ts';
import { openTokens } from './tokens.ts';

export interface DistributedOptions extends PlatformOptions {
  /** The script that runs `service <role>`. */
  readonly program: string;
  /** How long engines and roles may take to be there; 0: engines must answer at once. */
  readonly waitMs: number;
}

const dayMs = 86_400_000;
const restartBackoff = { initialMs: 500, maxMs: 15_000 };
const lookAgainMs = 1_000;
/** Even without patience for engines, a role needs a moment to start. */
const leastStartMs = 60_000;

/**
 * Starts every role as a child process against the engines that the settings name, and starts a role again that
 * ends. Stops in the order of the data's way: the door first, so that what it accepted goes on. Throws
 * `STORE_UNAVAILABLE` with what does not answer, or what a role could not start with; nothing is left running then.
 */
export async function startDistributedPlatform(options: DistributedOptions): Promise<Platform> {
  const { settings, clock, onFault } = options;
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(openDataFolder(settings.OPENFRAME_DATA_DIR));
  await untilEnginesAnswer(options);
  const controlToken = randomBytes(32).toString('base64url');
  const key = keySetting(settings, folder);
  const roles = starting.use(await startRoles(options, { OPENFRAME_CONTROL_TOKEN: controlToken, ...key }));
  const { url } = roles;
  folder.announce({ pid: process.pid, url, controlToken, profile: 'distributed' });
  await using documents = await distributedEngines(settings, { clock, role: 'up' }).documents();
  const tokens = openTokens(documents, clock);
  const admin = await tokens.mint({ tenantId: defaultTenantId, role: 'admin', ttlMs: dayMs });
  if (options.agent) {
    starting.use(await startAgent({ url, tokens, stateDir: agentFolder(folder, settings), clock, onFault }));
  }
  const started = starting.move();
  return { url, adminToken: admin.token, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** An agent's token is kept beside its state, and belongs to the engines that know it. */
function agentFolder(folder: DataFolder, settings: Settings): string {
  return folder.file(`agent-distributed${settings.OPENFRAME_NAME_PREFIX}`);
}

/** Without a key of the settings, the roles that seal and open secrets share one of the data folder. */
function keySetting(settings: Settings, folder: DataFolder): Readonly<Record<string, string>> {
  const { OPENFRAME_SECRETS_KEY: key, OPENFRAME_SECRETS_KEY_FILE: file } = settings;
  if (key !== undefined || file !== undefined) return {};
  const ownFile = resolve(folder.file('secrets.key'));
  provideKeyFile(ownFile);
  return { OPENFRAME_SECRETS_KEY_FILE: ownFile };
}

async function untilEnginesAnswer({ settings, clock, waitMs, onFault }: DistributedOptions): Promise<void> {
  const deadlineMs = clock.nowMs() + waitMs;
  let said = '';
  for (;;) {
    const faults = (await checkEngines(settings)).filter((check) => check.fault !== null).map(describeFault);
    if (faults.length === 0) return;
    const text = faults.join(' ');
    if (clock.nowMs() >= deadlineMs) throw new OpenFrameError('STORE_UNAVAILABLE', text, { retryable: true });
    if (text !== said) onFault(`Waiting: ${text}`);
    said = text;
    await clock.sleep(lookAgainMs);
  }
}

/** The roles that run, the door first: the order in which they are stopped. */
const startedRoles = [
  'gateway',
  'connectors',
  'relay',
  'telemetry',
  'alerts',
  'sink',
  'query',
] as const satisfies readonly RoleName[];
type StartedRole = (typeof startedRoles)[number];

async function startRoles(
  options: DistributedOptions,
  secrets: Readonly<Record<string, string>>,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const { settings } = options;
  await using starting = new AsyncDisposableStack();
  const children = new Map<StartedRole, RoleChild>();
  starting.defer(async () => {
    for (const role of startedRoles) await children.get(role)?.stop();
  });
  const start = (role: StartedRole, port: number, env: Readonly<Record<string, string>>): RoleChild => {
    const child = startRole(options, role, port, env);
    children.set(role, child);
    return child;
  };
  const behind = { OPENFRAME_HOST: '127.0.0.1', ...secrets };
  const query = start('query', 0, behind);
  for (const role of ['sink', 'alerts', 'telemetry', 'relay', 'connectors'] as const) start(role, 0, behind);
  const door = { OPENFRAME_HOST: settings.OPENFRAME_HOST, OPENFRAME_QUERY_URL: await query.listening };
  const gateway = start('gateway', settings.OPENFRAME_PORT, door);
  await allReady([...children.values()], options);
  const started = starting.move();
  return { url: await gateway.listening, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function startRole(
  { settings, clock, program, onFault }: DistributedOptions,
  role: StartedRole,
  port: number,
  env: Readonly<Record<string, string>>,
): RoleChild {
  return new RoleChild({
    name: role,
    program,
    args: ['service', role],
    // Kept through restarts: the brokers then end at once what a killed process left open.
    env: { OPENFRAME_INSTANCE: `${hostname()}-${process.pid}`, ...env },
    port,
    backoff: new Backoff(restartBackoff, clock, createRandom(randomInt(2 ** 32))),
    drainMs: settings.OPENFRAME_DRAIN_SECONDS * 1000 + 2_000,
    onRemark: onFault,
  });
}

async function allReady(
  children: readonly RoleChild[],
  { waitMs, clock }: DistributedOptions,
): Promise<void> {
  const over = new AbortController();
  const late = clock.sleep(Math.max(waitMs, leastStartMs), over.signal).then(() => {
    if (over.signal.aborted) return;
    const what = children.flatMap((child) => child.waitingFor());
    throw new OpenFrameError(
      'STORE_UNAVAILABLE',
      `Not every role was ready in time. ${what.join(' ')} See openframe doctor.`,
      { retryable: true },
    );
  });
  late.catch(() => undefined);
  try {
    await Promise.race([Promise.all(children.map((child) => child.ready)), late]);
  } finally {
    over.abort();
  }
}
