import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { EngineStatus } from '../../engines/status.ts';
import { isAlive } from '../../engines/processes/process-identity.ts';
import { engineTools } from '../engines/engine-addresses.ts';
import { runCli } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

/** The two engines that start within a second; what is shown here is the same code for all of them. */
const names = ['nats', 'redis'];

async function engines(command: string, dataDir: string, more: readonly string[] = [], which = names) {
  const cache = command === 'up' ? ['--cache-dir', engineTools().cacheDir] : [];
  const ran = await runCli([
    'engines',
    command,
    ...which,
    '--json',
    '--data-dir',
    dataDir,
    ...cache,
    ...more,
  ]);
  return {
    ...ran,
    result: JSON.parse(ran.stdout) as { engines: EngineStatus[]; error?: { code: string; message: string } },
  };
}

const pids = (found: readonly EngineStatus[]): number[] =>
  found.flatMap((engine) => engine.processes.map((process) => process.pid));

describe('openframe engines', { timeout: 180_000 }, () => {
  it('starts on free ports, finds what runs when called again, and leaves no process', async () => {
    await using folder = await createTempFolder();
    const first = await engines('up', folder.path, ['--ports', 'free']);
    expect(first).toMatchObject({ code: 0, result: { engines: [{ answering: true }, { answering: true }] } });
    const again = await engines('up', folder.path);
    expect(pids(again.result.engines)).toEqual(pids(first.result.engines));

    const status = await engines('status', folder.path);
    expect(status.code).toBe(0);
    for (const process of status.result.engines.flatMap((engine) => engine.processes)) {
      expect(process.memoryBytes).toBeGreaterThan(1 << 20);
      expect((await readFile(process.log, 'utf8')).length).toBeGreaterThan(0);
    }
    expect((await engines('down', folder.path)).code).toBe(0);
    expect(pids(first.result.engines).filter(isAlive)).toEqual([]);
    expect(await engines('status', folder.path)).toMatchObject({ code: 1 });
  });

  it('says which engine has ended, and starts it again on its port and data', async () => {
    await using folder = await createTempFolder();
    const first = (await engines('up', folder.path, ['--ports', 'free'])).result.engines;
    const [killed = 0, other] = pids(first);
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => isAlive(killed)).toBe(false);
    const broken = await engines('status', folder.path);
    expect(broken.code).toBe(1);
    expect(broken.result.engines[0]).toMatchObject({
      answering: false,
      processes: [{ fault: 'it has ended' }],
    });

    const mended = (await engines('up', folder.path)).result.engines;
    expect(mended[0]).toMatchObject({ answering: true, ports: first[0]?.ports });
    expect(pids(mended)[0]).not.toBe(killed);
    expect(pids(mended)[1]).toBe(other);
    await engines('down', folder.path);
    expect([...pids(first), ...pids(mended)].filter(isAlive)).toEqual([]);
  });

  it('never ends a process that only has the number of one that it started', async () => {
    await using folder = await createTempFolder();
    const record = {
      version: '0',
      ports: { client: 1 },
      processes: [{ name: 'nats', pid: process.pid, started: 'once' }],
    };
    await mkdir(join(folder.path, 'engines', 'nats'), { recursive: true });
    await writeFile(join(folder.path, 'engines', 'nats', 'engine.json'), JSON.stringify(record));
    expect((await engines('down', folder.path)).code).toBe(0);
    expect(isAlive(process.pid)).toBe(true);
  });

  it('refuses a fetched file that is not what was pinned: file, expected, got, and starts nothing', async () => {
    await using folder = await createTempFolder();
    await using cache = await createTempFolder();
    await engines('up', folder.path, ['--ports', 'free']);
    await engines('down', folder.path);
    const [cached = ''] = (await readdir(engineTools().cacheDir)).filter((name) => name.startsWith('nats-'));
    await cp(join(engineTools().cacheDir, cached), join(cache.path, cached), { recursive: true });
    const wheels = join(cache.path, cached, 'wheels');
    const [wheel = ''] = await readdir(wheels);
    const bytes = await readFile(join(wheels, wheel));
    bytes[1000] = ~(bytes[1000] ?? 0) & 0xff;
    await writeFile(join(wheels, wheel), bytes);

    const refused = await engines('up', folder.path, ['--cache-dir', cache.path], ['nats']);
    expect(refused.code).toBe(1);
    expect(refused.result.error?.code).toBe('STATE_CORRUPT');
    expect(refused.result.error?.message).toMatch(
      new RegExp(`${wheel}: expected [0-9a-f]{64}, got [0-9a-f]{64}`),
    );
    expect((await engines('status', folder.path)).result.engines[0]?.processes).toEqual([]);
    await engines('down', folder.path);
  });
});
