import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { startFleetServer } from '../../integrations/fleet/fleet-server.fixture.ts';
import { startTacticalServer } from '../../integrations/tactical/tactical-server.fixture.ts';
import type { Fault } from '../../integrations/tool-server.fixture.ts';
import { runningServer } from '../../services/data-folder.ts';
import { mintToken } from '../../services/mint-token.ts';
import { createOperationsClient } from '../../services/operations-client.ts';
import { type PlatformProcess, runCli, startPlatformProcess } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { storedEvents, untilStored } from './stored-events.ts';

async function setUp() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder());
  const dataDir = join(folder.path, 'data');
  const secretFile = join(folder.path, 'secret');
  const args = ['--port', '0', '--data-dir', dataDir, '--no-agent'];
  let platform: PlatformProcess = await startPlatformProcess(args);
  stack.defer(async () => platform[Symbol.asyncDispose]());
  const cli = async (...words: readonly string[]) => {
    const result = await runCli([...words, '--data-dir', dataDir, '--json']);
    return { ...result, json: JSON.parse(result.stdout) as Readonly<Record<string, unknown>> };
  };
  return {
    cli,
    ready: () => platform.ready,
    async killAndStart(): Promise<void> {
      await platform.kill();
      platform = await startPlatformProcess(args);
    },
    async connect(secret: string, ...words: readonly string[]) {
      await writeFile(secretFile, `${secret}\n`);
      return cli('connect', ...words, '--every', '1s', '--secret-file', secretFile);
    },
    async as(tenantId: string): Promise<() => Pick<PlatformProcess['ready'], 'url' | 'token'>> {
      const { token } = await mintToken(dataDir, { tenantId, role: 'analyst' });
      return () => ({ url: platform.ready.url, token });
    },
    verify() {
      const server = runningServer(dataDir);
      if (server === null) throw new Error('nothing runs');
      return createOperationsClient(server).verify({ waitMs: 20_000 });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const faults: readonly Fault[] = [
  { status: 500 },
  { cutAfterBytes: 900 },
  { status: 429, headers: { 'retry-after': '1' } },
];

const idsOf = (events: readonly { readonly sourceId: string }[]): readonly number[] =>
  events.map(({ sourceId }) => Number(sourceId)).sort((a, b) => a - b);

describe('openframe connect', () => {
  it('brings all of Fleet and Tactical to the right tenants, none twice, through kill -9 and faults', async () => {
    await using test = await setUp();
    await using fleet = await startFleetServer(Date.now() - 3_600_000);
    await using tactical = await startTacticalServer(() => Date.now());
    for (let i = 0; i < 700; i++) fleet.add('user_logged_in', i % 2 === 0 ? {} : { team_id: 3 });
    const whose = ['--tenant', 'bakery', '--scope', '3=butcher'];
    const first = await test.connect(fleet.token, 'fleet', '--url', fleet.url, '--server', 'fleet', ...whose);
    expect(first.json).toMatchObject({ kind: 'fleet', status: { account: 'ada@example.com', fault: null } });
    const at = ['--url', tactical.url, '--server', 'tactical'];
    const second = await test.connect(tactical.key, 'tactical', ...at, '--tenant', 'bakery', '--no-wait');
    expect([first.code, second.code]).toEqual([0, 0]);

    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 100; i++) {
        fleet.add('live_query', { query_name: `q${i}` });
        tactical.audit('login', 'user');
      }
      tactical.resolve(tactical.raise(`disk ${round}`));
      const fault = faults[round] ?? null;
      fleet.faults.push(fault);
      tactical.faults.push(null, fault);
      await new Promise((resolve) => setTimeout(resolve, round * 300));
      await test.killAndStart();
    }
    const [bakery, butcher] = [await test.as('bakery'), await test.as('butcher')];
    const ofBakery = await untilStored(bakery, 'FLEET_MDM', (events) => events.length >= 650, 60_000);
    const ofButcher = await untilStored(butcher, 'FLEET_MDM', (events) => events.length >= 350, 20_000);
    const odd = Array.from({ length: 350 }, (_, i) => 2 * i + 1);
    const rest = Array.from({ length: 300 }, (_, i) => 701 + i);
    expect(idsOf(ofBakery)).toEqual([...odd, ...rest]);
    expect(idsOf(ofButcher)).toEqual(odd.map((id) => id + 1));
    const ofTactical = await untilStored(bakery, 'TACTICAL_RMM', (events) => events.length >= 306, 60_000);
    const byType = Object.groupBy(ofTactical, ({ eventType }) => eventType);
    const counts = Object.fromEntries(Object.entries(byType).map(([type, events]) => [type, events?.length]));
    expect(counts).toEqual({ LOGIN: 300, ALERT_TRIGGERED: 3, ALERT_RESOLVED: 3 });
    expect(await storedEvents(butcher(), 'TACTICAL_RMM')).toEqual([]);
    expect(await test.verify()).toMatchObject({ duplicated: 0, lost: 0 });

    const listed = await test.cli('connect', 'list');
    expect(listed.json).toMatchObject({
      items: [{ kind: 'fleet', tenantId: 'bakery' }, { kind: 'tactical' }],
    });
    expect((await test.cli('connect', 'remove', 'fleet', 'fleet')).json).toEqual({ removed: true });
    const gone = await test.cli('connect', 'status', 'fleet', 'fleet');
    expect(gone).toMatchObject({ code: 1, json: { error: { code: 'NOT_FOUND' } } });
  }, 240_000);
});
