import { open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, it } from 'vitest';

import { runCli, startPlatformProcess } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const env = { OPENFRAME_DEVICE_EVENTS: 'off' };

const event = (id: number): string =>
  JSON.stringify({
    ...{ specversion: '1.0', id: String(id), source: '/agents/d1', type: 'openframe.log', subject: 'd1' },
    ...{ time: new Date().toISOString(), data: { message: `line ${id}`, severityText: 'WARN' } },
  });

it('says that its store of events is damaged, ends with 1, and has all of it again once it is rebuilt', async () => {
  await using folder = await createTempFolder();
  const args = ['--port', '0', '--data-dir', folder.path, '--no-agent'];
  const first = await startPlatformProcess(args, env);
  const sent = await request(`${first.ready.url}/ingest/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${first.ready.token}`, 'content-type': 'application/x-ndjson' },
    body: Array.from({ length: 300 }, (_, id) => event(id)).join('\n'),
  });
  expect(await sent.body.json()).toEqual({ accepted: 300, rejected: [] });
  const verify = ['verify', '--json', '--wait', '20s', '--data-dir', folder.path];
  expect(JSON.parse((await runCli(verify)).stdout)).toMatchObject({ verdict: 'OK', accepted: 300 });
  expect(await first.stop()).toBe(0);

  const store = (await readdir(folder.path)).find((name) => name.endsWith('.duckdb')) ?? '';
  const path = join(folder.path, store);
  await flipBits(path);
  const refused = await runCli(['up', ...args], env, 20_000);
  expect(refused.stderr).toMatch(/STATE_CORRUPT.*\.duckdb is damaged.*openframe rebuild event-log/s);
  expect(refused.code).toBe(1);

  await rename(path, `${path}.damaged`);
  await using second = await startPlatformProcess(args, env);
  expect(second.ready.url).not.toBe('');
  const rebuilt = await runCli(['rebuild', 'event-log', '--json', '--data-dir', folder.path]);
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ target: 'event-log', records: 300, rejected: 0 });
  expect(JSON.parse((await runCli(verify)).stdout)).toMatchObject({ verdict: 'OK', accepted: 300, lost: 0 });
}, 90_000);

/** One bit in each block that holds something; the file begins with three headers. */
async function flipBits(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const [headerBytes, blockBytes] = [12_288, 262_144];
  for (let at = headerBytes + 4_000; at < size; at += blockBytes) {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, at);
  }
}
