import { expect } from 'vitest';

import { readerOf, recordsOf, recordsOfAll, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { committed, openWith, readerIn, unlimited, type LogSubject } from './subject.ts';

export const readingLaws: Laws<LogSubject> = {
  'joins stored batches up to the records asked for, and splits none': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b', 'c']) await log.append('in', 0, sealed(value, value));
    const source = await log.source({ group: 'group', topics: ['in'] });
    const reader = readerOf(source, subject.advance, 4);
    const batches = [await reader.next(), await reader.next()];
    expect(batches.map((batch) => batch.count)).toEqual([4, 2]);
    expect(batches.flatMap(recordsOf)).toEqual(['0:a', '1:a', '2:b', '3:b', '4:c', '5:c']);
    const single = readerOf(await log.source({ group: 'other', topics: ['in'] }), subject.advance, 1);
    expect((await single.next()).count).toBe(2);
  },
  'takes partitions in turn': async (subject) => {
    const log = await openWith(subject);
    const many = 100;
    await log.append('in', 1, sealed('x'));
    await log.append('in', 2, sealed('y'));
    for (let i = 0; i < many; i++) await log.append('in', 0, sealed(String(i)));
    const reader = await readerIn(subject, log);
    // Partitions may arrive one after the other; whatever has arrived waits for no other to be read to its end.
    const seen = new Set<number>();
    let read = 0;
    for (; seen.size < 3 && read < many; read++) {
      seen.add((await reader.next()).partition);
      await subject.advance(5);
    }
    expect([...seen].sort(), `after ${read} batches`).toEqual([0, 1, 2]);
  },
  'gives nothing to a reader that does not ask, and goes on where it does': async (subject) => {
    const log = await openWith(subject);
    const reader = await readerIn(subject, log);
    for (let i = 0; i < 100; i++) await log.append('in', 0, sealed(String(i)));
    const first = await reader.next();
    expect(recordsOf(first)).toEqual(['0:0']);
    for (let i = 100; i < 120; i++) await log.append('in', 0, sealed(String(i)));
    await first.ack();
    expect(await committed(log)).toBe(1);
    for (let i = 1; i < 120; i++) expect(recordsOf(await reader.next())).toEqual([`${i}:${i}`]);
  },
  'yields null when nothing came, and wakes for what comes': async (subject) => {
    const log = await openWith(subject);
    const reader = await readerIn(subject, log);
    await reader.expectNothing();
    const waiting = reader.next();
    await log.append('in', 1, sealed('a'));
    expect(recordsOf(await waiting)).toEqual(['0:a']);
  },
  'wakes who waits for changes': async (subject) => {
    const log = await openWith(subject);
    const changed = log.changed(['in'], unlimited, new AbortController().signal);
    await log.append('in', 0, sealed('a'));
    await changed;
    const over = new AbortController();
    const aborted = log.changed(['in'], unlimited, over.signal);
    over.abort();
    await aborted;
  },
  'ends reading on abort': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a'));
    const source = await log.source({ group: 'group', topics: ['in'] });
    const over = new AbortController();
    const seen: (string[] | null)[] = [];
    for await (const batch of source.read({ maxRecords: 1, maxWaitMs: unlimited, signal: over.signal })) {
      seen.push(batch === null ? null : recordsOf(batch));
      setImmediate(() => over.abort());
    }
    expect(seen).toEqual([['0:a']]);
  },
  'shows the commits of one object to another on the same storage': async (subject) => {
    const log = await openWith(subject);
    const other = await subject.open();
    const reader = await readerIn(subject, other);
    const waiting = reader.next();
    await log.append('in', 0, sealed('a'));
    const batch = await waiting;
    expect(recordsOf(batch)).toEqual(['0:a']);
    await batch.ack();
    expect(await committed(log)).toBe(1);
    expect(await other.append('in', 0, sealed('b'))).toBe(1);
    expect(await log.append('in', 0, sealed('c'))).toBe(2);
    expect(await recordsOfAll(other.readAll('in', 0))).toEqual(['0:a', '1:b', '2:c']);
  },
  'closes twice, and its sources after it': async (subject) => {
    const log = await openWith(subject);
    const source = await log.source({ group: 'group', topics: ['in'] });
    const pending = log.append('in', 0, sealed('a'));
    await log[Symbol.asyncDispose]();
    await log[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    await pending;
    expect(await recordsOfAll((await subject.open()).readAll('in', 0))).toEqual(['0:a']);
  },
};
