import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { agentEventTypes } from '../contracts/event.ts';
import type { AgentEvent } from './event-factory.ts';
import { openSpool, rowOverheadBytes, type Spool } from './spool.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-spool-'));
  path = join(folder, 'spool.sqlite');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plenty = 10_000_000;
const log = (text: string): AgentEvent => ({ type: agentEventTypes.log, json: JSON.stringify(text) });
const metrics = (text: string): AgentEvent => ({ type: agentEventTypes.metrics, json: JSON.stringify(text) });
const sizeOf = (event: AgentEvent): number => Buffer.byteLength(event.json) + rowOverheadBytes;
const allOf = (spool: Spool): string[] => {
  const texts = spool.lease(100_000, plenty).map((event) => event.json);
  spool.settle([]);
  return texts;
};

describe('the spool', () => {
  it('keeps events, order, cursors and untold drops over a reopening', () => {
    {
      using spool = openSpool(path, sizeOf(log('c')) * 2);
      spool.append([log('a'), log('b')], { journal: 'cursor 1' });
      spool.append([log('c')], { journal: 'cursor 2' });
    }
    using spool = openSpool(path, plenty);
    expect(allOf(spool)).toEqual(['"b"', '"c"']);
    expect(spool.cursor('journal')).toBe('cursor 2');
    expect(spool.cursor('other')).toBeUndefined();
    expect(spool.unreportedDrops()).toEqual({ [agentEventTypes.log]: 1 });
    expect({ waiting: spool.waiting, usedBytes: spool.usedBytes }).toEqual({
      waiting: 2,
      usedBytes: 2 * sizeOf(log('c')),
    });
  });

  it('gives no cursor without its events: a failed transaction leaves both as they were', () => {
    using spool = openSpool(path, plenty);
    spool.append([log('a')], { journal: '1' });
    const failing: AgentEvent = {
      type: agentEventTypes.log,
      get json(): string {
        throw new Error('stopped half-way');
      },
    };
    expect(() => spool.append([log('b'), failing], { journal: '2' })).toThrow('stopped half-way');
    expect(allOf(spool)).toEqual(['"a"']);
    expect(spool.cursor('journal')).toBe('1');
    expect(spool.waiting).toBe(1);
  });

  it('drops the oldest metrics before any other event, then the oldest others, and counts both', () => {
    using spool = openSpool(path, sizeOf(log('1')) * 3);
    spool.append([log('1'), metrics('2'), log('3')]);
    spool.append([metrics('4')]);
    expect(allOf(spool)).toEqual(['"1"', '"3"', '"4"']);
    spool.append([log('5'), log('6')]);
    expect(allOf(spool)).toEqual(['"3"', '"5"', '"6"']);
    expect(spool.dropped).toEqual({ [agentEventTypes.metrics]: 2, [agentEventTypes.log]: 1 });
    expect(spool.unreportedDrops()).toEqual(spool.dropped);
  });

  it('never drops what is leased: the server may hold it already', () => {
    using spool = openSpool(path, sizeOf(log('1')) * 2);
    spool.append([metrics('1'), metrics('2')]);
    const [first, ...others] = spool.lease(1, plenty);
    expect(others).toEqual([]);
    spool.append([log('3'), log('4')]);
    spool.settle(first === undefined ? [] : [first.sequence]);
    expect(spool.dropped).toEqual({ [agentEventTypes.metrics]: 1, [agentEventTypes.log]: 1 });
    expect(allOf(spool)).toEqual(['"4"']);
  });

  it('forgets the drops when it takes the event that tells of them', () => {
    using spool = openSpool(path, sizeOf(log('1')) * 2);
    spool.append([log('1'), log('2'), log('3')]);
    spool.settle(spool.lease(1, plenty).map((event) => event.sequence));
    spool.reportDrops(log('!'));
    expect(spool.unreportedDrops()).toEqual({});
    expect(allOf(spool)).toEqual(['"3"', '"!"']);
  });

  it('leases at least one event, however large', () => {
    using spool = openSpool(path, plenty);
    spool.append([log('x'.repeat(5000)), log('y')]);
    expect(spool.lease(10, 100)).toHaveLength(1);
  });

  it('refuses a second owner, a newer format and a file that is none', () => {
    {
      using spool = openSpool(path, plenty);
      spool.append([log('a')]);
      expect(() => openSpool(path, plenty)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_IN_USE' }));
    }
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openSpool(path, plenty)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_TOO_NEW' }));
    const damaged = join(folder, 'damaged.sqlite');
    writeFileSync(damaged, 'no database at all, but long enough to be read as one'.repeat(100));
    expect(() => openSpool(damaged, plenty)).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }));
  });

  it('shortens its file once an outage is over', () => {
    using spool = openSpool(path, plenty);
    const text = 'x'.repeat(4000);
    for (let i = 0; i < 50; i++) spool.append(Array.from({ length: 20 }, () => log(text)));
    spool.settle(spool.lease(2000, plenty).map((event) => event.sequence));
    for (let i = 0; i < 5; i++) {
      spool.append([log('a')]);
      spool.settle(spool.lease(2000, plenty).map((event) => event.sequence));
    }
    spool[Symbol.dispose]();
    expect(pagesOf(path)).toBeLessThan(1000);
  });
});

function pagesOf(file: string): number {
  const database = new DatabaseSync(file);
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  database.close();
  return pages;
}

describe('the spool, whatever happens to it', () => {
  const operation = fc.oneof(
    fc.record({
      do: fc.constant('append' as const),
      kinds: fc.array(fc.boolean(), { maxLength: 5 }),
      length: fc.nat(60),
    }),
    fc.record({
      do: fc.constant('send' as const),
      count: fc.integer({ min: 1, max: 4 }),
      takes: fc.boolean(),
    }),
    fc.record({ do: fc.constant('reopen' as const) }),
  );

  it('holds each event once, in order, until it is settled or counted as dropped, and keeps its bound', () => {
    const limitBytes = 600;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        rmSync(path, { force: true });
        let spool = openSpool(path, limitBytes);
        const appended: string[] = [];
        const settled: string[] = [];
        for (const op of operations) {
          if (op.do === 'append') {
            const events = op.kinds.map((isLog, i) => {
              const text = `${appended.length + i}:${'x'.repeat(op.length)}`;
              return isLog ? log(text) : metrics(text);
            });
            spool.append(events);
            appended.push(...events.map((event) => event.json));
          } else if (op.do === 'send') {
            const leased = spool.lease(op.count, plenty);
            if (op.takes) settled.push(...leased.map((event) => event.json));
            spool.settle(op.takes ? leased.map((event) => event.sequence) : []);
          } else {
            spool[Symbol.dispose]();
            spool = openSpool(path, limitBytes);
          }
          expect(spool.usedBytes).toBeLessThanOrEqual(limitBytes);
        }
        const held = allOf(spool);
        const drops = Object.values(spool.unreportedDrops()).reduce((sum, count) => sum + count, 0);
        expect(spool.waiting).toBe(held.length);
        expect(settled.length + held.length + drops).toBe(appended.length);
        const known = [...settled, ...held];
        expect(known).toEqual(appended.filter((json) => known.includes(json)));
        spool[Symbol.dispose]();
      }),
      { numRuns: 60 },
    );
  });
});
