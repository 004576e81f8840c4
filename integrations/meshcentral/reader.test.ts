import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import type { ToolReading } from '../tool-reader.ts';
import { startFakeMeshServer } from './mesh-server.fixture.ts';
import { createMeshCentralReader } from './reader.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const at = (seconds: number): string => new Date(startMs + seconds * 1_000).toISOString();
const signal = new AbortController().signal;

async function setUp(secret = 'right') {
  const stack = new AsyncDisposableStack();
  const clock = createManualClock(startMs);
  const mesh = stack.use(await startFakeMeshServer('right'));
  const options = { url: mesh.url, user: 'admin', secret, sinceMs: startMs };
  const reader = stack.use(createMeshCentralReader(options, clock));
  let cursor: unknown = null;
  return {
    clock,
    mesh,
    reader,
    async read(lose = false): Promise<readonly ToolReading[]> {
      const found: ToolReading[] = [];
      for await (const page of reader.read(cursor, signal)) {
        found.push(...page.readings);
        if (!lose) cursor = JSON.parse(JSON.stringify(page.cursor ?? cursor));
      }
      return found;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const actions = (readings: readonly ToolReading[]): readonly unknown[] =>
  readings.map(({ value }) => (value.row as { readonly action: unknown }).action);

describe('MeshCentral', () => {
  it('gives each event once, under the same name however often it is read, in the domain of its account', async () => {
    await using test = await setUp();
    test.mesh.happen('before', at(-5));
    for (const action of ['a', 'b', 'b']) test.mesh.happen(action, at(1));
    const lost = await test.read(true);
    const first = await test.read();
    test.mesh.happen('b', at(1));
    test.mesh.happen('c', at(2));
    const second = await test.read();
    expect(first).toEqual(lost);
    expect([actions(first), actions(second), await test.read()]).toEqual([['a', 'b', 'b'], ['b', 'c'], []]);
    const ids = [...first, ...second].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    expect(first[0]?.value.row).toEqual({ domain: 'bakery', etype: 'user', action: 'a', time: at(1) });
  });

  it('asks for as many as reach back to where it was', async () => {
    await using test = await setUp();
    for (let i = 0; i < 1_300; i++) test.mesh.happen(`a${i}`, at(i / 100));
    expect((await test.read()).length).toBe(1_300);
    expect(test.mesh.asked).toEqual([200, 1_000, 5_000]);
  });

  it('is woken by what is stored, not by what is not, and by the end of the connection', async () => {
    await using test = await setUp();
    await test.read();
    let woken = false;
    const wait = async (): Promise<void> => {
      woken = false;
      await test.reader.changed(3_600_000, signal);
      woken = true;
    };
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        await test.clock.advance(10);
      }
    };
    const first = wait();
    test.mesh.send(
      JSON.stringify({ action: 'event', event: { action: 'wssessioncount', nolog: 1, time: at(1) } }),
    );
    await settle();
    expect(woken).toBe(false);
    test.mesh.happen('a', at(1));
    await test.clock.advance(1_000);
    await Promise.all([first, settle()]);
    expect(actions(await test.read())).toEqual(['a']);
    const second = wait();
    test.mesh.drop();
    await Promise.all([second, settle()]);
    test.mesh.happen('b', at(2));
    expect(actions(await test.read())).toEqual(['b']);
  }, 10_000);

  it.each([
    [{ action: 'close', cause: 'noauth', msg: 'noauth-1' }, 'TOOL_REFUSED', /user or password is wrong/],
    [{ action: 'close', cause: 'noauth', msg: 'tokenrequired' }, 'TOOL_REFUSED', /a second factor/],
    [{ action: 'close', cause: 'banned', msg: 'banned-1' }, 'TOOL_REFUSED', /too many failed logins/],
    [{ action: 'close', cause: 'constructor' }, 'TOOL_UNAVAILABLE', /ended the session/],
    [{ hello: 'world' }, 'TOOL_UNAVAILABLE', /no message of MeshCentral/],
  ])('says what %j means', async (refusal, code, message) => {
    await using test = await setUp();
    test.mesh.refusal = refusal;
    const failed: unknown = await test.reader.check(signal).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code });
    expect(String(failed)).toMatch(message);
  });

  it('says that a password is wrong, and that an account does not see all', async () => {
    await using wrong = await setUp('wrong');
    await expect(wrong.reader.check(signal)).rejects.toThrow(/user or password is wrong/);
    await using test = await setUp();
    test.mesh.siteadmin = 2;
    const { account, remarks } = await test.reader.check(signal);
    expect([account, remarks.length]).toEqual(['admin', 1]);
    test.mesh.siteadmin = 2048;
    expect((await test.reader.check(signal)).remarks).toEqual([]);
  });

  it('fails by itself alone where an answer is not what it should be', async () => {
    await using test = await setUp();
    test.mesh.happen('a', 'yesterday');
    await expect(test.read()).rejects.toMatchObject({ code: 'TOOL_UNAVAILABLE', retryable: true });
    test.mesh.stored.length = 0;
    test.mesh.happen('b', at(1));
    expect(actions(await test.read())).toEqual(['b']);
  });
});
