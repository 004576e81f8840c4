import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { expect, it } from 'vitest';

import { createEmbeddedMessaging } from '../../brokers/embedded/messaging.ts';
import { recordsOfAll } from '../../conformance/batches.ts';
import type { VerifyReport } from '../../pipelines/verify.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { runCli, startPlatformProcess } from '../support/platform-process.ts';
import { DirtyPages } from '../support/power-cut.ts';
import { attachStrace } from '../support/strace.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const writes = 'pwrite64,fsync,fdatasync';
/** Each thread meets so many errors one after the other: fewer than what is taken for damage. */
const failedReads = 5;

interface Door {
  readonly url: string;
  readonly token: string;
}

/** Sends events until it is told to stop, each batch again until it is accepted. */
function startSending({ url, token }: Door) {
  const counts = { accepted: 0, refused: 0 };
  /** A door that stood still under strace may end a connection between two requests. */
  const isTaken = async (headers: Record<string, string>, body: string): Promise<boolean> => {
    try {
      const response = await request(`${url}/ingest/v1/events`, { method: 'POST', headers, body });
      await response.body.dump();
      return response.statusCode === 202;
    } catch {
      return false;
    }
  };
  let stopped = false;
  const send = async (): Promise<void> => {
    while (!stopped) {
      const first = counts.accepted;
      const body = Array.from({ length: batchEvents }, (_, i) => event(first + i)).join('\n');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
      if (await isTaken(headers, body)) counts.accepted += batchEvents;
      else counts.refused++;
      await pause(50);
    }
  };
  const done = send();
  const stop = async (): Promise<void> => {
    stopped = true;
    await done;
  };
  return { counts, stop };
}

const batchEvents = 20;

function event(id: number): string {
  const device = `d${id % 7}`;
  return JSON.stringify({
    ...{ specversion: '1.0', id: String(id), source: `/agents/${device}`, subject: device },
    ...{ type: 'openframe.log', time: new Date().toISOString(), data: { message: `line ${id}` } },
  });
}

it('refuses what it cannot keep while the disk gives errors, loses nothing, and goes on by itself', async () => {
  await using folder = await createTempFolder();
  const args = ['--port', '0', '--data-dir', folder.path, '--no-agent'];
  await using platform = await startPlatformProcess(args, { OPENFRAME_DEVICE_EVENTS: 'off' });
  const { counts, stop } = startSending(platform.ready);
  const trace = join(folder.path, 'trace');
  /** Every write and sync fails, of these files where some are named, until one of `met` has. */
  const breakDisk = async (
    error: 'EIO' | 'ENOSPC',
    met: string,
    files: readonly string[],
    meanwhile?: () => Promise<unknown>,
  ) => {
    const tracer = await attachStrace(platform.child.pid ?? 0, [
      ...['-y', '-s', '0', '-e', `trace=${writes}`, '-e', `inject=${writes}:error=${error}`, '-o', trace],
      ...files.flatMap((file) => ['-P', join(folder.path, file)]),
    ]);
    await meanwhile?.();
    await expect
      .poll(() => readFile(trace, 'utf8'), { timeout: 60_000 })
      .toMatch(new RegExp(`${met}>.* ${error} .*INJECTED`));
    await tracer.detach();
  };
  const goesOn = async (): Promise<void> => {
    const before = counts.accepted;
    await expect.poll(() => counts.accepted, { timeout: 60_000 }).toBeGreaterThan(before);
  };
  const asked = async (): Promise<number> => {
    const authorization = `Bearer ${platform.ready.token}`;
    const answer = await request(`${platform.ready.url}/api/v1/events?limit=1`, {
      headers: { authorization },
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  /** Reads of the log fail in each thread that reads from the disk, a few times. */
  const failReads = async (): Promise<void> => {
    const tracer = await attachStrace(platform.child.pid ?? 0, [
      ...['-y', '-s', '0', '-e', 'trace=pread64', '-o', trace],
      ...['-e', `inject=pread64:error=EIO:when=1..${failedReads}`],
      ...['log.db', 'log.db-wal'].flatMap((file) => ['-P', join(folder.path, file)]),
    ]);
    const failed = async (): Promise<number> =>
      (await readFile(trace, 'utf8')).split(/EIO .*INJECTED/).length - 1;
    await expect.poll(failed, { timeout: 60_000 }).toBeGreaterThanOrEqual(failedReads);
    await tracer.detach();
  };
  const verify = (wait: string) => runCli(['verify', '--json', '--data-dir', folder.path, '--wait', wait]);

  await breakDisk('EIO', 'messaging.db-wal', [], () =>
    expect.poll(() => counts.refused, { timeout: 60_000 }).toBeGreaterThan(0),
  );
  await goesOn();
  await breakDisk('EIO', 'log.db-wal', ['log.db', 'log.db-wal']);
  await goesOn();
  await failReads();
  await goesOn();
  const store = ['events.duckdb', 'events.duckdb.wal'];
  for (const error of ['EIO', 'ENOSPC'] as const) {
    await breakDisk(error, 'events.duckdb(.wal)?', store, async () => {
      // It asks the store to make durable what it holds, which does not succeed now; questions are answered all the same.
      await verify('1s');
      await expect.poll(asked, { timeout: 60_000 }).toBe(200);
    });
    await goesOn();
  }

  await stop();
  const verified = JSON.parse((await verify('60s')).stdout) as VerifyReport;
  const { accepted } = counts;
  expect(verified).toMatchObject({ verdict: 'OK', accepted, lost: 0, duplicated: 0, deadLettered: 0 });
  expect(await platform.stop()).toBe(0);
}, 360_000);

it('keeps what is stored after a failed sync through a power cut, whatever the failed sync lost', async () => {
  await using folder = await createTempFolder();
  const names = ['messaging.db', 'messaging.db-wal'];
  const files = (): Promise<readonly Buffer[]> =>
    Promise.all(names.map((name) => readFile(join(folder.path, name))));
  const program = fileURLToPath(new URL('failed-sync.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder.path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const pages = new DirtyPages();
  let before: readonly Buffer[];
  let now: readonly Buffer[];
  try {
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<string> => String((await answers.next()).value);
    const tell = (line: string): Promise<string> => {
      child.stdin.write(`${line}\n`);
      return answer();
    };
    const traced = async (line: string, ...args: readonly string[]): Promise<string> => {
      const trace = join(folder.path, 'trace');
      const calls = ['-y', '-s', '0', '-e', `trace=${writes}`, ...args, '-o', trace];
      const tracer = await attachStrace(child.pid ?? 0, calls);
      const answered = await tell(line);
      await tracer.detach();
      await pages.add(trace);
      return answered;
    };
    expect(await answer()).toBe('open');
    expect(await tell('first')).toBe('done');
    before = await files();
    // An ack is not synced: the sync that fails loses it, and what comes after it would be lost with it.
    expect(await traced('ack')).toBe('done');
    expect(await traced('second', '-e', 'inject=fsync,fdatasync:error=EIO')).toContain('does not answer');
    expect(await traced('third')).toBe('done');
    now = await files();
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  await using disk = await createTempFolder();
  for (const [i, name] of names.entries()) {
    const [old = Buffer.alloc(0), young = Buffer.alloc(0)] = [before[i], now[i]];
    await writeFile(join(disk.path, name), pages.leaves(join(folder.path, name), old, young));
  }
  const options = { duplicateWindowMs: 1, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
  const path = join(disk.path, 'messaging.db');
  await using messaging = await createEmbeddedMessaging({ path, clock: createSystemClock(), options });
  expect(await recordsOfAll(messaging.readAll())).toEqual(['0:first', '1:third']);
}, 60_000);
