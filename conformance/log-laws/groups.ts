import fc from 'fast-check';
import { expect } from 'vitest';

import { drain, expectRefusal, readerOf, recordsOf, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { committed, openWith, readerIn, type LogSubject } from './subject.ts';

export const groupsLaws: Laws<LogSubject> = {
  'shares the partitions of a group, and moves them when a member opens or closes': async (subject) => {
    const log = await openWith(subject);
    for (const p of [0, 1, 2]) await log.append('in', p, sealed(`p${p}`));
    const first = await log.source({ group: 'group', topics: ['in'] });
    const reader = readerOf(first, subject.advance);
    const held = [await reader.next(), await reader.next(), await reader.next()];
    expect(held.map((batch) => batch.partition).sort()).toEqual([0, 1, 2]);
    const second = await log.source({ group: 'group', topics: ['in'] });
    const moved = held.filter((batch) => batch.revoked.aborted);
    expect(moved).toHaveLength(1);
    const again = await readerOf(second, subject.advance).next();
    expect([again.partition, recordsOf(again)]).toEqual([moved[0]?.partition, recordsOf(moved[0] ?? again)]);
    expect(again.position?.generation).toBeGreaterThan(moved[0]?.position?.generation ?? Infinity);
    for (const batch of held) if (batch !== moved[0]) await batch.ack();
    await second[Symbol.asyncDispose]();
    expect(again.revoked.aborted).toBe(true);
    const back = await reader.next();
    expect(back.partition).toBe(again.partition);
    await back.ack();
    expect((await log.lag()).map((lag) => lag.committedOffset)).toEqual([1, 1, 1]);
  },
  'lets groups read by themselves': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a'));
    for (const group of ['one', 'two']) {
      const source = await log.source({ group, topics: ['in'] });
      expect(await drain(source, 1, subject.advance)).toEqual(['0:a']);
    }
    expect((await log.lag()).map((lag) => lag.group)).toEqual(['one', 'two']);
  },
  'moves the committed offset over acks without a gap only': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b', 'c']) await log.append('in', 0, sealed(value));
    const reader = await readerIn(subject, log);
    const [a, b, c] = [await reader.next(), await reader.next(), await reader.next()];
    await c.ack();
    await b.ack();
    expect(await committed(log)).toBe(0);
    await a.ack();
    expect(await committed(await subject.open())).toBe(3);
  },
  'commits no ack past a gap, whatever the order': async (subject) => {
    const log = await openWith(subject);
    const count = 6;
    for (let i = 0; i < count; i++) await log.append('in', 0, sealed(String(i)));
    const orders = fc.shuffledSubarray([...Array(count).keys()], { minLength: 1 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const group = `group-${run++}`;
        const source = await log.source({ group, topics: ['in'] });
        const reader = readerOf(source, subject.advance);
        const batches = [];
        for (let i = 0; i < count; i++) batches.push(await reader.next());
        const acked = new Set<number>();
        for (const index of order) {
          await batches[index]?.ack();
          acked.add(index);
          let floor = 0;
          while (acked.has(floor)) floor++;
          expect(await committed(log, group)).toBe(floor);
        }
        await source[Symbol.asyncDispose]();
      }),
      { numRuns: 15 },
    );
  },
  'delivers a nacked batch again, and all after it': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b', 'c']) await log.append('in', 0, sealed(value));
    const reader = await readerIn(subject, log);
    await (await reader.next()).ack();
    const [b, c] = [await reader.next(), await reader.next()];
    await c.nack(new Error('c failed'));
    await b.nack(new Error('b failed'));
    const again = [await reader.next(), await reader.next()];
    expect(again.map(recordsOf)).toEqual([['1:b'], ['2:c']]);
    for (const batch of again) await batch.ack();
    expect(await committed(log)).toBe(3);
    await reader.expectNothing();
  },
  'refuses a commit of what was read before a nack': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b']) await log.append('in', 0, sealed(value));
    const reader = await readerIn(subject, log);
    const [a, b] = [await reader.next(), await reader.next()];
    await a.nack(new Error('failed'));
    const stale = b.position === undefined ? [] : [b.position];
    await expectRefusal(log.begin().commit(stale), 'BATCH_REVOKED');
    expect(await committed(log)).toBe(0);
    expect(recordsOf(await reader.next())).toEqual(['0:a']);
  },
  'delivers again after a restart what was not acked': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b', 'c']) await log.append('in', 0, sealed(value));
    const reader = await readerIn(subject, log);
    await (await reader.next()).ack();
    await reader.next();
    const restarted = await subject.open();
    const source = await restarted.source({ group: 'group', topics: ['in'] });
    const again = readerOf(source, subject.advance);
    const found: string[] = [];
    // A member may have to wait for the partitions of the one before it, so nothing for a while is not the end.
    while (found.length < 2) found.push(...recordsOf(await again.next()));
    expect(found).toEqual(['1:b', '2:c']);
  },
  'delivers again to a new iteration what was in hand and not acked': async (subject) => {
    const log = await openWith(subject);
    for (const value of ['a', 'b']) await log.append('in', 0, sealed(value));
    const source = await log.source({ group: 'group', topics: ['in'] });
    const reader = readerOf(source, subject.advance);
    await (await reader.next()).ack();
    await reader.next();
    await reader.end();
    expect(await drain(source, 1, subject.advance)).toEqual(['1:b']);
  },
  'says from which record on a batch is new, where it begins below': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a', 'b', 'c'));
    const { position } = await (await readerIn(subject, log)).next();
    if (position !== undefined) await log.begin().commit([{ ...position, nextOffset: 2 }]);
    const restarted = await subject.open();
    const batch = await (await readerIn(subject, restarted)).next();
    expect([batch.count, batch.firstOffset, batch.nextOffset]).toEqual([3, 2, 3]);
    expect(recordsOf(batch)).toEqual(['2:c']);
  },
};
