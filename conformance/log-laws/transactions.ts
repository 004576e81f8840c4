import { expect } from 'vitest';

import { expectRefusal, readerOf, recordsOf, recordsOfAll, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { committed, declare, openWith, readerIn, type LogSubject } from './subject.ts';

export const transactionsLaws: Laws<LogSubject> = {
  'commits outputs and consumed offsets together': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a', 'b'));
    const batch = await (await readerIn(subject, log)).next();
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    transaction.append('out', 2, sealed('B'));
    transaction.append('out', 0, sealed('C'));
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual([]);
    await transaction.commit(batch.position === undefined ? [] : [batch.position]);
    const restarted = await subject.open();
    expect(await recordsOfAll(restarted.readAll('out', 0))).toEqual(['0:A', '1:C']);
    expect(await recordsOfAll(restarted.readAll('out', 2))).toEqual(['0:B']);
    expect(await restarted.lag()).toEqual([
      { group: 'group', topic: 'in', partition: 0, committedOffset: 2, endOffset: 2 },
    ]);
  },
  'leaves no trace of a transaction that was aborted, or cut by a crash': async (subject) => {
    const log = await openWith(subject);
    const aborted = log.begin();
    aborted.append('out', 0, sealed('aborted'));
    await aborted.abort();
    log.begin().append('out', 0, sealed('cut'));
    const restarted = await subject.open();
    expect(await recordsOfAll(restarted.readAll('out', 0))).toEqual([]);
    expect(await restarted.append('out', 0, sealed('next'))).toBe(0);
  },
  'stores nothing of a transaction of which one part is refused': async (subject) => {
    const log = await openWith(subject);
    const damaged = sealed('bad').fill(0, 61);
    const transaction = log.begin();
    transaction.append('out', 0, sealed('good'));
    transaction.append('out', 1, damaged);
    await expectRefusal(transaction.commit([]), 'BATCH_CORRUPT');
    expect(await log.endOffset('out', 0)).toBe(0);
    expect(await log.append('out', 0, sealed('next'))).toBe(0);
  },
  'refuses a commit and an ack from a revoked partition, and writes nothing': async (subject) => {
    const log = await openWith(subject, declare('in', { partitions: 1 }), declare('out'));
    await log.append('in', 0, sealed('a'));
    const first = await log.source({ group: 'group', topics: ['in'] });
    const batch = await readerOf(first, subject.advance).next();
    await first[Symbol.asyncDispose]();
    expect(batch.revoked.aborted).toBe(true);
    const second = await readerIn(subject, log);
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    const { position } = batch;
    await expectRefusal(transaction.commit(position === undefined ? [] : [position]), 'BATCH_REVOKED');
    await expectRefusal(batch.ack(), 'BATCH_REVOKED');
    expect(await log.endOffset('out', 0)).toBe(0);
    expect(await committed(log)).toBe(0);
    expect(recordsOf(await second.next())).toEqual(['0:a']);
  },
  'answers a storage fault with a retryable error, and neither loses nor doubles': async (subject) => {
    const log = await openWith(subject);
    await log.append('in', 0, sealed('a'));
    const batch = await (await readerIn(subject, log)).next();
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    transaction.append('out', 1, sealed('B'));
    const consumed = batch.position === undefined ? [] : [batch.position];
    subject.failWrites();
    await expectRefusal(transaction.commit(consumed), 'STORE_UNAVAILABLE', true);
    await expectRefusal(log.append('out', 0, sealed('x')), 'STORE_UNAVAILABLE', true);
    await expectRefusal(batch.ack(), 'STORE_UNAVAILABLE', true);
    expect(await log.endOffset('out', 0)).toBe(0);
    subject.mendWrites();
    expect(await committed(log)).toBe(0);
    await transaction.commit(consumed);
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual(['0:A']);
    expect(await recordsOfAll(log.readAll('out', 1))).toEqual(['0:B']);
    expect(await committed(log)).toBe(1);
  },
};
