import { expect } from 'vitest';

import { drain, expectRefusal, recordsIn, recordsOf, recordsOfAll, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { declare, hourMs, openWith, readerIn, type LogSubject } from './subject.ts';

export const storingLaws: Laws<LogSubject> = {
  'keeps order and offsets within each partition': async (subject) => {
    const log = await openWith(subject);
    expect(await log.append('in', 0, sealed('a', 'b'))).toBe(0);
    expect(await log.append('in', 0, sealed('c'))).toBe(2);
    expect(await log.append('in', 1, sealed('x'))).toBe(0);
    expect(await recordsOfAll(log.readAll('in', 0))).toEqual(['0:a', '1:b', '2:c']);
    expect(await recordsOfAll(log.readAll('in', 1))).toEqual(['0:x']);
    expect(await recordsOfAll(log.readAll('in', 0, 2))).toEqual(['2:c']);
    expect(await Promise.all([0, 1, 2].map((p) => log.endOffset('in', p)))).toEqual([3, 1, 0]);
  },
  'leaves the buffer that was appended to its owner': async (subject) => {
    const log = await openWith(subject);
    const batch = sealed('a');
    await log.append('in', 0, sealed('first'));
    await log.append('out', 0, batch);
    await log.append('in', 0, batch);
    expect(batch).toEqual(sealed('a'));
    batch.fill(0);
    expect(await recordsOfAll(log.readAll('in', 0))).toEqual(['0:first', '1:a']);
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual(['0:a']);
  },
  'refuses damaged bytes, and stores the batches beside them': async (subject) => {
    const log = await openWith(subject);
    const damaged = sealed('bad').fill(0, 61);
    const good = log.append('in', 0, sealed('good'));
    await expectRefusal(log.append('in', 0, damaged), 'BATCH_CORRUPT');
    await good;
    expect(await recordsOfAll(log.readAll('in', 0))).toEqual(['0:good']);
  },
  'reads whole stored batches within the bytes asked for, and at least one': async (subject) => {
    const log = await openWith(subject);
    const size = sealed('aa').length;
    for (const value of ['aa', 'bb', 'cc']) await log.append('in', 0, sealed(value));
    const read = async (from: number, maxBytes: number): Promise<string[]> =>
      (await log.read('in', 0, from, maxBytes)).flatMap((bytes) => recordsIn(bytes));
    expect(await read(0, 1)).toEqual(['0:aa']);
    expect(await read(1, size * 2)).toEqual(['1:bb', '2:cc']);
    expect(await read(3, size)).toEqual([]);
  },
  'refuses topics and partitions that were not declared': async (subject) => {
    const log = await openWith(subject, declare('in'));
    expect(log.partitionCount('in')).toBe(3);
    expect(() => log.partitionCount('other')).toThrow(/other/);
    await expectRefusal(log.append('other', 0, sealed('a')), 'ARGUMENT_INVALID');
    await expectRefusal(log.append('in', 3, sealed('a')), 'ARGUMENT_INVALID');
    await expectRefusal(log.declareTopics([declare('in', { partitions: 4 })]), 'ARGUMENT_INVALID');
    await log.declareTopics([declare('in', { retentionMs: 1 })]);
  },
  'says when a batch was committed': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a', 'b'));
    await subject.advance(5000);
    await log.append('in', 0, sealed('c'));
    const times = await Promise.all([0, 1, 2, 3].map((offset) => log.appendedAtMs('in', 0, offset)));
    const [first, second, third, beyond] = times;
    expect(first).not.toBeNull();
    expect(second).toBe(first);
    expect(third).toBeGreaterThanOrEqual((first ?? 0) + 5000);
    expect(beyond).toBeNull();
  },
  'keeps the last record of each key in a compacted topic, and a tombstone removes its key': async (
    subject,
  ) => {
    const log = await openWith(subject, declare('state', { cleanup: 'compact', partitions: 1 }));
    const put = (key: string, value: string | null) => ({ key, value, headers: { about: key } });
    await log.append('state', 0, sealed(put('a', '1'), put('b', '2'), put('c', '3')));
    await log.append('state', 0, sealed(put('a', '4'), put('b', null), put('empty', '')));
    expect(await recordsOfAll(log.readAll('state', 0))).toEqual(['2:3', '3:4', '5:']);
    expect(await log.endOffset('state', 0)).toBe(6);
    const source = await log.source({ group: 'g', topics: ['state'] });
    expect(await drain(source, 3, subject.advance)).toHaveLength(3);
    expect((await log.lag())[0]).toMatchObject({ committedOffset: 6, endOffset: 6 });
    await log.append('state', 0, sealed(put('a', null), put('c', null), put('empty', null)));
    expect(await recordsOfAll(log.readAll('state', 0))).toEqual([]);
    const restarted = await subject.open();
    expect(await restarted.append('state', 0, sealed(put('d', '5')))).toBe(9);
    await expectRefusal(log.append('state', 0, sealed({ key: null, value: 'x' })), 'ARGUMENT_INVALID');
  },
  'lets the oldest records go by age': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('old'));
    const reader = await readerIn(subject, log);
    await (await reader.next()).ack();
    await log.append('in', 0, sealed('unread'));
    await subject.advance(hourMs + 1);
    await log.append('in', 0, sealed('new'));
    await log.applyRetention();
    expect(await recordsOfAll(log.readAll('in', 0))).toEqual(['2:new']);
    expect((await log.lag())[0]).toMatchObject({ committedOffset: 2, endOffset: 3 });
    expect(recordsOf(await reader.next())).toEqual(['2:new']);
  },
  'lets the oldest records go by size': async (subject) => {
    const size = sealed('0').length;
    const log = await openWith(subject, declare('in', { retentionBytes: size * 2 }));
    for (let i = 0; i < 5; i++) await log.append('in', 0, sealed(String(i)));
    await log.applyRetention();
    expect(await recordsOfAll(log.readAll('in', 0))).toEqual(['3:3', '4:4']);
    expect(await log.append('in', 0, sealed('5'))).toBe(5);
  },
};
