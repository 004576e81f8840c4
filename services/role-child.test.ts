import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';

import { Backoff } from '../streams/backoff.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { RoleChild } from './role-child.ts';

const program = fileURLToPath(new URL('./role-child.fixture.ts', import.meta.url));

function start(behaviour: string, remarks: string[] = []): RoleChild {
  return new RoleChild({
    name: 'relay',
    program,
    args: [behaviour],
    env: {},
    port: 0,
    backoff: new Backoff({ initialMs: 1, maxMs: 5 }, createSystemClock(), createRandom(1)),
    drainMs: 500,
    onRemark: (line) => remarks.push(line),
  });
}

async function pidAt(url: string): Promise<number> {
  for (;;) {
    try {
      return Number(await (await request(url)).body.text());
    } catch {
      await pause(20);
    }
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a role as a child', () => {
  it('comes back at the same address after kill -9, and it is said', async () => {
    const remarks: string[] = [];
    const child = start('works', remarks);
    await child.ready;
    const url = await child.listening;
    const first = await pidAt(url);
    process.kill(first, 'SIGKILL');
    let second = first;
    while (second === first) second = await pidAt(url);
    expect(remarks).toEqual(['relay ended with SIGKILL and is started again.']);
    await child.stop();
    expect(isAlive(second)).toBe(false);
  });

  it('tells what kept it from starting, and is not started again', async () => {
    const child = start('fails');
    await expect(child.ready).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: 'relay: wrong partition count',
    });
    await child.stop();
  });

  it('is killed when it does not end in time', async () => {
    const remarks: string[] = [];
    const child = start('hangs', remarks);
    await child.ready;
    const pid = await pidAt(await child.listening);
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    expect(remarks).toEqual(['relay did not end in time and was killed.']);
  });
});
