import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startFleetServer } from '../../integrations/fleet/fleet-server.fixture.ts';
import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { engineAddresses } from '../engines/engine-addresses.ts';
import { untilStored } from '../integrations/stored-events.ts';
import { type PlatformProcess, runCli, startPlatformProcess } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { expectLateLink } from './late-link.fixture.ts';
import { removeDeployment } from './remove-deployment.fixture.ts';

const run = promisify(execFile);
const eventsPerSecond = 400;
const roles = ['gateway', 'connectors', 'relay', 'telemetry', 'alerts', 'sink', 'query'] as const;
const pipelines = [
  ...['relay', 'tools', 'place', 'telemetry', 'event-log', 'analytics', 'devices'],
  ...['detect', 'alerts', 'alert-store'],
];

let resources: AsyncDisposableStack;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const prefix = `t${randomBytes(6).toString('hex')}_`;
  env = {
    ...engineAddresses(),
    OPENFRAME_PROFILE: 'distributed',
    OPENFRAME_NAME_PREFIX: prefix,
    OPENFRAME_PARTITIONS: '2',
    OPENFRAME_DEVICE_EVENTS: 'off',
  };
  resources.defer(() => removeDeployment(engineAddresses(), prefix));
  folder = resources.use(await createTempFolder()).path;
});

afterEach(() => resources.disposeAsync());

async function up(): Promise<PlatformProcess> {
  const args = ['--profile', 'distributed', '--port', '0', '--data-dir', folder, '--no-agent'];
  return resources.use(await startPlatformProcess(args, env));
}

/** The process of one role of this platform. */
async function pidOf(platform: PlatformProcess, role: string): Promise<number> {
  const { stdout } = await run('pgrep', ['-P', String(platform.child.pid), '-f', `service ${role}`]);
  return Number(stdout.trim());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function get<T>(platform: PlatformProcess, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${platform.ready.token}` };
  const response = await request(`${platform.ready.url}/api/v1${path}`, { headers });
  return (await response.body.json()) as T;
}

describe('openframe up --profile distributed', () => {
  it('loses and doubles nothing through kill -9 of telemetry and sink, and leaves no process', async () => {
    const platform = await up();
    const simulating = runCli(
      [
        ...['simulate', '--agents', '50', '--rate', String(eventsPerSecond), '--duration', '8s'],
        ...['--duplicates', '0.1', '--seed', '4', '--data-dir', folder],
      ],
      env,
    );
    for (const role of ['telemetry', 'sink', 'telemetry'] as const) {
      await pause(2_000);
      process.kill(await pidOf(platform, role), 'SIGKILL');
    }
    const simulated = await simulating;
    expect(simulated.code, simulated.stderr).toBe(0);
    const sent = JSON.parse(simulated.stdout) as SimulateReport;

    const verified = await runCli(['verify', '--json', '--wait', '60s', '--data-dir', folder], env);
    const report = JSON.parse(verified.stdout) as VerifyReport;
    expect(report, verified.stderr).toMatchObject({ verdict: 'OK', lost: 0, duplicated: 0, deadLettered: 0 });
    expect(report.accepted).toBe(sent.unique);
    expect(platform.stderr()).toContain('telemetry ended with SIGKILL and is started again');

    expect(await get(platform, '/events/stats?bucket=1h')).toMatchObject({ total: sent.unique });
    const page = await get<{ items: { eventId: string }[] }>(platform, '/events?limit=1');
    const event = await get<{ data: unknown }>(platform, `/events/${page.items[0]?.eventId ?? ''}`);
    expect(event.data).not.toBeNull();
    const { items } = await get<{ items: { name: string; state: string }[] }>(platform, '/pipelines');
    expect(items.map(({ name, state }) => [name, state])).toEqual(pipelines.map((name) => [name, 'running']));

    const pids = await Promise.all(roles.map((role) => pidOf(platform, role)));
    expect(await platform.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 240_000);

  it('gives stored events the device that is linked later, in Cassandra and Pinot', async () => {
    await expectLateLink(await up(), { dataDir: folder, env });
  }, 240_000);

  it('reads a connected tool through kill -9 of the role that does, each event once', async () => {
    await using fleet = await startFleetServer(Date.now() - 3_600_000);
    for (let i = 0; i < 300; i++) fleet.add('user_logged_in');
    const platform = await up();
    const secretFile = join(folder, 'secret');
    await writeFile(secretFile, fleet.token);
    const where = ['--url', fleet.url, '--server', 'fleet', '--tenant', 'default', '--data-dir', folder];
    const how = ['--secret-file', secretFile, '--every', '1s', '--no-wait'];
    const connected = await runCli(['connect', 'fleet', ...where, ...how], env);
    expect(connected.code, connected.stderr).toBe(0);
    for (let round = 0; round < 2; round++) {
      await pause(1_500);
      for (let i = 0; i < 50; i++) fleet.add('live_query');
      process.kill(await pidOf(platform, 'connectors'), 'SIGKILL');
      await pause(1_500);
    }
    const isRead = (events: readonly object[]): boolean => events.length >= 400;
    const stored = await untilStored(() => platform.ready, 'FLEET_MDM', isRead, 120_000);
    const ids = stored.map(({ sourceId }) => Number(sourceId)).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    expect(await platform.stop()).toBe(0);
  }, 300_000);

  it('refuses topics of another partition count, and leaves them as they are', async () => {
    const first = await runCli(['token', '--tenant', 'acme', '--role', 'agent', '--data-dir', folder], env);
    expect(first.code, first.stderr).toBe(0);
    const platform = await up();
    await platform.stop();
    const args = ['up', '--profile', 'distributed', '--port', '0', '--data-dir', folder];
    const ended = await runCli(args, { ...env, OPENFRAME_PARTITIONS: '3' });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('telemetry.raw.v1');
  }, 240_000);
});
