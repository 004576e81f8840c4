import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { launchChromium } from '../dashboard/chromium.ts';
import { openPage } from '../dashboard/open-page.ts';
import { type PlatformProcess, runCli, startPlatformProcess } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { engineTools } from '../engines/engine-addresses.ts';
import {
  type KeptEvent,
  type MeshCentral,
  provideMeshCentral,
  startMeshCentral,
} from './meshcentral-server.ts';
import { type Stored, untilStored } from './stored-events.ts';

const password = 'T3chnician-Passw0rd';

/** What an administrator's browser does: messages to the control socket, as it is. */
async function administrator(mesh: MeshCentral) {
  const inBase64 = (text: string): string => Buffer.from(text).toString('base64');
  const headers = { 'x-meshauth': `${inBase64(mesh.user)},${inBase64(mesh.password)}` };
  const ca = await readFile(mesh.caFile, 'utf8');
  const socket = new WebSocket(`${mesh.url.replace('https', 'wss')}/control.ashx`, { ca, headers });
  await once(socket, 'open');
  const groups: string[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString('utf8')) as Readonly<Record<string, unknown>>;
    if (message['action'] === 'createmesh') groups.push(String(message['meshid']));
  });
  return {
    act: (message: object): void => socket.send(JSON.stringify(message)),
    addUser: (username: string): void =>
      socket.send(
        JSON.stringify({ action: 'adduser', username, pass: password, email: `${username}@example.com` }),
      ),
    async group(meshname: string): Promise<string> {
      socket.send(JSON.stringify({ action: 'createmesh', meshname, meshtype: 2 }));
      for (let turn = 0; groups.length === 0; turn++) {
        if (turn > 600) throw new Error('the group was not made');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return groups.shift() ?? '';
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** Signs in by the form of MeshCentral's page. */
async function signIn(mesh: MeshCentral, username: string, secret: string): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: await readFile(mesh.caFile, 'utf8') } });
  const page = await request(mesh.url, { dispatcher });
  await page.body.dump();
  const cookies = [page.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0]);
  const answer = await request(mesh.url, {
    dispatcher,
    method: 'POST',
    headers: { cookie: cookies.join('; '), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ action: 'login', username, password: secret }).toString(),
  });
  await answer.body.dump();
  await dispatcher.close();
}

/** Both as `type time user`, in order; those without a domain apart, which MeshCentral answers nobody with. */
function ofFile(events: readonly KeptEvent[]): readonly string[] {
  return events
    .filter(({ domain }) => domain !== undefined)
    .map(({ etype, action, time, userid }) => {
      const type = [etype, action].filter((part) => part !== undefined).join('.');
      return `${type} ${new Date(time.$$date).toISOString()} ${userid ?? ''}`;
    })
    .sort();
}

function ofStore(events: readonly Stored[]): readonly string[] {
  return events
    .map(({ sourceType, eventTime, userId }) => `${sourceType} ${eventTime} ${userId ?? ''}`)
    .sort();
}

/** The dashboard counts these events, and a failed sign-in can be read there. */
async function expectShown(events: readonly Stored[], { ready }: PlatformProcess): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, ready, '/explore?toolTypes=MESHCENTRAL&range=24h');
    await page.locator(`#explore-total[data-total="${events.length}"]`).waitFor();
    const failed = events.find(({ sourceType }) => sourceType === 'authfail');
    await page
      .getByText(failed?.summary ?? 'no sign-in failed', { exact: true })
      .first()
      .waitFor();
  } finally {
    await browser.close();
  }
}

it('has and shows every event of a real MeshCentral once, through kill -9 of the platform and a restart of MeshCentral', async () => {
  const program = await provideMeshCentral(engineTools().cacheDir);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder());
  const mesh = stack.use(await startMeshCentral(program, folder.path));
  const args = ['--port', '0', '--data-dir', join(folder.path, 'openframe'), '--no-agent'];
  let platform: PlatformProcess = await startPlatformProcess(args);
  stack.defer(async () => platform[Symbol.asyncDispose]());
  const settled = async (): Promise<readonly Stored[]> => {
    let kept = await mesh.events();
    const isWhole = (events: readonly Stored[]): boolean => ofStore(events).length >= ofFile(kept).length;
    const stored = await untilStored(() => platform.ready, 'MESHCENTRAL', isWhole, 120_000);
    kept = await mesh.events();
    expect(ofStore(stored)).toEqual(ofFile(kept));
    return stored;
  };
  {
    using before = await administrator(mesh);
    before.addUser('early');
    await writeFile(join(folder.path, 'secret'), mesh.password);
    const connected = await runCli(
      [
        'connect',
        'meshcentral',
        '--url',
        mesh.url,
        '--user',
        mesh.user,
        '--ca',
        mesh.caFile,
        '--tenant',
        'default',
      ].concat([
        '--secret-file',
        join(folder.path, 'secret'),
        '--data-dir',
        join(folder.path, 'openframe'),
        '--json',
      ]),
    );
    expect(connected.code, connected.stderr).toBe(0);
  }
  using admin = await administrator(mesh);
  admin.addUser('ada');
  const meshid = await admin.group('Bakery');
  admin.act({ action: 'editmesh', meshid, meshname: 'Bakery and sons', desc: 'flour' });
  admin.act({
    action: 'addmeshuser',
    meshid,
    meshname: 'Bakery',
    usernames: ['ada'],
    meshadmin: 4_294_967_295,
  });
  await signIn(mesh, 'ada', 'wrong');
  await signIn(mesh, 'ada', password);
  const first = await settled();
  const types = new Map(
    first.map(({ sourceType, eventType, severity }) => [sourceType, [eventType, severity]]),
  );
  expect(types.get('authfail')).toEqual(['LOGIN_FAILED', 'WARNING']);
  expect(types.get('user.login')).toEqual(['LOGIN', 'INFO']);
  expect(types.get('user.accountcreate')).toEqual(['USER_CREATED', 'INFO']);
  expect(types.get('mesh.createmesh')).toEqual(['GROUP_CREATED', 'INFO']);
  expect(types.get('mesh.meshchange')).toEqual(['GROUP_UPDATED', 'INFO']);
  await expectShown(first, platform);

  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 60; i++) admin.addUser(`r${round}u${i}`);
    await new Promise((resolve) => setTimeout(resolve, 150 + round * 250));
    await platform.kill();
    for (let i = 60; i < 120; i++) admin.addUser(`r${round}u${i}`);
    platform = await startPlatformProcess(args);
  }
  expect((await settled()).length).toBeGreaterThan(360);

  await mesh.restart();
  using again = await administrator(mesh);
  again.addUser('late');
  const last = await settled();
  expect(new Set(last.map(({ eventId }) => eventId)).size).toBe(last.length);
  expect(
    new Set((await mesh.events()).filter(({ domain }) => domain === undefined).map(({ etype }) => etype)),
  ).toEqual(new Set(['server']));
}, 400_000);
