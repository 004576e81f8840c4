import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import type { ToolReading } from '../tool-reader.ts';
import { createTacticalReader } from './reader.ts';
import { startTacticalServer } from './tactical-server.fixture.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const signal = new AbortController().signal;

async function setUp(sinceMs = startMs - 30 * 86_400_000) {
  const stack = new AsyncDisposableStack();
  const clock = createManualClock(startMs);
  const tactical = stack.use(await startTacticalServer(() => clock.nowMs()));
  const options = { url: tactical.url, user: '', secret: tactical.key, sinceMs };
  const reader = stack.use(createTacticalReader(options, clock));
  let cursor: unknown = null;
  return {
    clock,
    tactical,
    reader,
    /** Reads on and gives the ids; `lose`: as if it was killed before the cursor was kept. */
    async read(lose = false): Promise<readonly string[]> {
      const found: ToolReading[] = [];
      for await (const page of reader.read(cursor, signal)) {
        found.push(...page.readings);
        if (!lose) cursor = JSON.parse(JSON.stringify(page.cursor ?? cursor));
      }
      return found.map(({ id }) => id);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('Tactical RMM', () => {
  it('gives every row of the audit log once, over as many pages as there are', async () => {
    await using test = await setUp();
    for (let i = 0; i < 401; i++) test.tactical.audit('login', 'user');
    expect((await test.read(true)).length).toBe(401);
    const ids = await test.read();
    test.tactical.audit('modify', 'role');
    expect([...ids, ...(await test.read())]).toEqual(Array.from({ length: 402 }, (_, i) => `audit:${i + 1}`));
    expect(await test.read()).toEqual([]);
  });

  it('tells an alert when it is raised and when it is resolved, however late and however it went', async () => {
    await using test = await setUp();
    const old = test.tactical.raise('disk full', 20);
    const quick = test.tactical.raise('cpu');
    test.tactical.resolve(quick);
    const removed = test.tactical.raise('removed');
    expect(await test.read()).toEqual([
      `alert:${old}:triggered`,
      `alert:${quick}:triggered`,
      `alert:${quick}:resolved`,
      `alert:${removed}:triggered`,
    ]);
    expect(await test.read()).toEqual([]);
    await test.clock.advance(86_400_000);
    test.tactical.resolve(old);
    test.tactical.removeAlert(removed);
    expect(await test.read(true)).toEqual([`alert:${old}:resolved`]);
    expect(await test.read()).toEqual([`alert:${old}:resolved`]);
    expect(await test.read()).toEqual([]);
  });

  it('leaves alerts from before the beginning alone', async () => {
    await using test = await setUp(startMs - 3_600_000);
    test.tactical.raise('old', 1);
    const fresh = test.tactical.raise('fresh');
    expect([await test.read(), await test.read()]).toEqual([[`alert:${fresh}:triggered`], []]);
  });

  it('says whose rights are missing', async () => {
    await using test = await setUp();
    expect(await test.reader.check(signal)).toEqual({ account: 'the owner of the API key', remarks: [] });
    test.tactical.faults.push(null, { status: 403 });
    await expect(test.reader.check(signal)).rejects.toThrow(/List Audit Logs and List Alerts/);
  });
});
