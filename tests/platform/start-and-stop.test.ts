import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';

import { type PlatformProcess, runCli, startPlatformProcess } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { expectLateLink } from './late-link.fixture.ts';

/** Where stored events are counted. */
const onlySent = { OPENFRAME_DEVICE_EVENTS: 'off' };

const event = (id: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/agents/d1',
    type: 'openframe.log',
    time: new Date().toISOString(),
    subject: 'd1',
    data: { message: `line ${id}`, severityText: 'WARN' },
  });

async function send(url: string, token: string, ids: readonly string[]): Promise<unknown> {
  const response = await request(`${url}/ingest/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: ids.map(event).join('\n'),
  });
  return response.body.json();
}

async function total(url: string, token: string): Promise<number> {
  const response = await request(`${url}/api/v1/events/stats?bucket=1h`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.body.json()) as { total: number }).total;
}

/** Each starts processes, some several times. */
const patience = { timeout: 60_000 };

describe('openframe up', patience, () => {
  it('has all its data after Ctrl-C and a new start, and leaves no process and no lock', async () => {
    await using folder = await createTempFolder();
    const args = ['--port', '0', '--data-dir', folder.path, '--no-agent'];
    const first = await startPlatformProcess(args, onlySent);
    expect(await send(first.ready.url, first.ready.token, ['1', '2', '3'])).toEqual({
      accepted: 3,
      rejected: [],
    });
    expect(await first.stop()).toBe(0);
    expect(await readdir(folder.path)).not.toContain('server.json');

    await using second = await startPlatformProcess(args, onlySent);
    expect(await send(second.ready.url, second.ready.token, ['3', '4'])).toEqual({
      accepted: 2,
      rejected: [],
    });
    const verified = await runCli(['verify', '--json', '--data-dir', folder.path]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: 'OK', accepted: 4, lost: 0, duplicated: 0 });
    expect(await total(second.ready.url, second.ready.token)).toBe(4);
  });

  it('rebuilds a store while it runs, and counts nothing twice', async () => {
    await using folder = await createTempFolder();
    const args = ['--port', '0', '--data-dir', folder.path, '--no-agent'];
    await using platform = await startPlatformProcess(args, onlySent);
    const { url, token } = platform.ready;
    await send(url, token, ['1', '2', '3']);
    const processed = await runCli(['verify', '--json', '--data-dir', folder.path]);
    expect(processed.code, processed.stderr + processed.stdout).toBe(0);
    for (const target of ['event-log', 'analytics']) {
      const rebuilt = await runCli(['rebuild', target, '--json', '--data-dir', folder.path]);
      expect(rebuilt.code, rebuilt.stderr).toBe(0);
      expect(JSON.parse(rebuilt.stdout)).toMatchObject({ target, records: 3, rejected: 0 });
    }
    const verified = await runCli(['verify', '--json', '--data-dir', folder.path]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: 'OK', accepted: 3, duplicated: 0 });
    expect(await total(url, token)).toBe(3);
  });

  it('gives stored events the device that is linked later, through kill -9 right after the link', async () => {
    await using folder = await createTempFolder();
    const args = ['--port', '0', '--data-dir', folder.path, '--no-agent'];
    await using platform = await startPlatformProcess(args);
    await using stack = new AsyncDisposableStack();
    const afterLink = async (): Promise<PlatformProcess> => {
      await platform.kill();
      return stack.use(await startPlatformProcess(args));
    };
    await expectLateLink(platform, { dataDir: folder.path, afterLink });
  });

  it('tells of a new device as events of it, over REST', async () => {
    await using folder = await createTempFolder();
    await using platform = await startPlatformProcess([
      '--port',
      '0',
      '--data-dir',
      folder.path,
      '--no-agent',
    ]);
    const { url, token } = platform.ready;
    await send(url, token, ['1', '2']);
    const lives = async (): Promise<unknown> => {
      const path = '/api/v1/events?deviceId=d1&eventTypes=DEVICE_REGISTERED,DEVICE_ONLINE&sort=asc';
      const response = await request(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const { items } = (await response.body.json()) as { items: { summary: string }[] };
      return items.map(({ summary }) => summary).sort();
    };
    await expect.poll(lives, { timeout: 15_000 }).toEqual(['d1 is online', 'd1 was registered']);
  });

  it('traces an event through every step', async () => {
    await using folder = await createTempFolder();
    await using platform = await startPlatformProcess(
      ['--port', '0', '--data-dir', folder.path, '--no-agent'],
      onlySent,
    );
    const { url, token } = platform.ready;
    await send(url, token, ['1']);
    await runCli(['verify', '--json', '--data-dir', folder.path]);
    const events = await request(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    const { items } = (await events.body.json()) as { items: { eventId: string }[] };
    const traced = await runCli(['trace', items[0]?.eventId ?? '', '--json', '--data-dir', folder.path]);
    const { steps } = JSON.parse(traced.stdout) as { steps: { step: string; atMs: number | null }[] };
    const way = ['device', 'gateway', 'messaging', 'raw', 'enriched', 'event-log', 'analytics'];
    expect(steps.map((step) => step.step)).toEqual(way);
    const times = steps.flatMap((step) => (step.step === 'device' || step.atMs === null ? [] : [step.atMs]));
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect(times.slice(0, 3)).toEqual(times.slice(0, 3).toSorted((a, b) => a - b));
  });

  it('says which port is taken', async () => {
    await using folder = await createTempFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(address !== null && typeof address === 'object' ? address.port : 0);
    const ended = await runCli(['up', '--port', port, '--data-dir', folder.path, '--no-agent']);
    taken.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('PORT_IN_USE');
    expect(ended.stderr).toContain(port);
  });

  it('refuses a data folder that another process uses, and names it', async () => {
    await using folder = await createTempFolder();
    await using platform = await startPlatformProcess([
      '--port',
      '0',
      '--data-dir',
      folder.path,
      '--no-agent',
    ]);
    const second = await runCli(['up', '--port', '0', '--data-dir', folder.path]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('DATA_FOLDER_IN_USE');
    expect(second.stderr).toContain(String(platform.child.pid));
  });

  it('refuses a data folder of a newer version and leaves it as it is', async () => {
    await using folder = await createTempFolder();
    await writeFile(join(folder.path, 'format.json'), '{"version":99}');
    const ended = await runCli(['up', '--port', '0', '--data-dir', folder.path, '--json']);
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'DATA_FOLDER_TOO_NEW' } });
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.db'))).toEqual([]);
  });
});
