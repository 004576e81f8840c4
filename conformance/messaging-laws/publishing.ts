import fc from 'fast-check';
import { expect } from 'vitest';

import { headers } from '../../contracts/topics.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { expectRefusal, recordsOfAll, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { duplicateWindowMs, message, messages, type MessagingSubject } from './subject.ts';

export const publishingLaws: Laws<MessagingSubject> = {
  'stores what it acknowledged durably, in order, with its parts': async (subject) => {
    const messaging = await subject.open();
    expect(await messaging.publish(messages(1, 2))).toEqual({ stored: 2, duplicates: 0 });
    expect(await messaging.publish(messages(3))).toEqual({ stored: 1, duplicates: 0 });
    const restarted = await subject.open();
    const found = await recordsOfAll(restarted.readAll());
    expect(found.map((record) => record.split(':')[1])).toEqual(['m1', 'm2', 'm3']);
  },
  'numbers the stored messages upward, without the duplicates': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1, 2));
    await messaging.publish(messages(2, 3, 1, 4));
    const status = await messaging.status();
    expect(status.nextSequence - status.firstSequence).toBe(4);
    const found = await recordsOfAll(messaging.readAll());
    const sequences = found.map((record) => Number(record.split(':')[0]));
    expect(sequences).toEqual([0, 1, 2, 3].map((i) => status.firstSequence + i));
  },
  'takes publishes that meet, each with its own receipt': async (subject) => {
    const messaging = await subject.open();
    const receipts = await Promise.all([
      messaging.publish(messages(1, 2)),
      messaging.publish(messages(2, 3)),
      messaging.publish(messages(1, 2, 3)),
      messaging.publish(messages(4)),
    ]);
    expect(receipts).toEqual([
      { stored: 2, duplicates: 0 },
      { stored: 1, duplicates: 1 },
      { stored: 0, duplicates: 3 },
      { stored: 1, duplicates: 0 },
    ]);
    expect((await recordsOfAll(messaging.readAll())).map((r) => r.split(':')[1])).toEqual([
      'm1',
      'm2',
      'm3',
      'm4',
    ]);
  },
  'stores each message once, whatever comes twice and in which batches': async (subject) => {
    const messaging = await subject.open();
    let run = 0;
    const batches = fc.array(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 20 }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (numbers) => {
        const own = numbers.map((batch) => batch.map((number) => number + run * 100));
        const before = (await messaging.status()).nextSequence;
        run++;
        const receipts = await Promise.all(own.map((batch) => messaging.publish(messages(...batch))));
        const distinct = new Set(own.flat());
        expect(receipts.reduce((sum, receipt) => sum + receipt.stored, 0)).toBe(distinct.size);
        expect((await messaging.status()).nextSequence - before).toBe(distinct.size);
      }),
      { numRuns: 20 },
    );
    const found = (await recordsOfAll(messaging.readAll())).map((record) => record.split(':')[1]);
    expect(new Set(found).size).toBe(found.length);
  },
  'takes large batches and compressed ones': async (subject) => {
    const messaging = await subject.open();
    const build = (from: number): Buffer => {
      const builder = new RecordBatchBuilder();
      for (let i = 0; i < 300; i++) {
        builder.appendRecord({ ...message(from + i, 'v'.repeat(300)), timestampMs: i });
      }
      return builder.finish({ compress: from >= 1000 });
    };
    expect(await messaging.publish(build(0))).toEqual({ stored: 300, duplicates: 0 });
    expect(await messaging.publish(build(150))).toEqual({ stored: 150, duplicates: 150 });
    expect(await messaging.publish(build(1000))).toEqual({ stored: 300, duplicates: 0 });
    expect(await messaging.publish(build(1001))).toEqual({ stored: 1, duplicates: 299 });
    const found = await recordsOfAll(messaging.readAll());
    expect(found.map((record) => record.split(':')[1])).toEqual(new Array(751).fill('v'.repeat(300)));
  },
  'forgets a message id after the window, and not before': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    await subject.advance(duplicateWindowMs - 1);
    expect(await messaging.publish(messages(1))).toEqual({ stored: 0, duplicates: 1 });
    await subject.advance(duplicateWindowMs * 2 + 1);
    expect(await messaging.publish(messages(1))).toEqual({ stored: 1, duplicates: 0 });
  },
  'remembers message ids over a restart': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1, 2));
    await subject.advance(duplicateWindowMs - 10);
    const restarted = await subject.open();
    expect(await restarted.publish(messages(2, 3))).toEqual({ stored: 1, duplicates: 1 });
    await subject.advance(duplicateWindowMs * 2 + 1);
    const later = await subject.open();
    expect(await later.publish(messages(1))).toEqual({ stored: 1, duplicates: 0 });
  },
  'knows the ids that another publisher stored': async (subject) => {
    const [one, two] = [await subject.open(), await subject.open()];
    await one.publish(messages(1));
    await two.publish(messages(2));
    expect(await one.publish(messages(1, 2, 3))).toEqual({ stored: 1, duplicates: 2 });
    expect(await two.publish(messages(3, 4))).toEqual({ stored: 1, duplicates: 1 });
  },
  'takes any text for an id, and a record without one for new': async (subject) => {
    const messaging = await subject.open();
    const named = (id: string) => sealed({ value: id, headers: { [headers.eventId]: id } });
    const uuid = '00000000-0000-5000-8000-000000000abc';
    for (const id of ['a', 'b', 'x'.repeat(36), uuid]) {
      expect(await messaging.publish(named(id))).toEqual({ stored: 1, duplicates: 0 });
      expect(await messaging.publish(named(id))).toEqual({ stored: 0, duplicates: 1 });
    }
    expect(await messaging.publish(named(uuid.toUpperCase()))).toMatchObject({ duplicates: 1 });
    expect(await messaging.publish(sealed('same', 'same'))).toEqual({ stored: 2, duplicates: 0 });
    expect(await messaging.publish(sealed('same'))).toEqual({ stored: 1, duplicates: 0 });
  },
  'refuses damaged bytes, and stores the batches beside them': async (subject) => {
    const messaging = await subject.open();
    const good = messaging.publish(messages(1));
    await expectRefusal(messaging.publish(messages(2).fill(0, 61)), 'BATCH_CORRUPT');
    await expectRefusal(messaging.publish(Buffer.alloc(0)), 'BATCH_CORRUPT');
    expect(await good).toEqual({ stored: 1, duplicates: 0 });
    expect(await messaging.publish(messages(2))).toEqual({ stored: 1, duplicates: 0 });
  },
  'answers a storage fault with a retryable error, and neither loses nor doubles': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    subject.failWrites();
    const failing = [messaging.publish(messages(1, 2, 3)), messaging.publish(messages(3, 4))];
    for (const publish of failing) await expectRefusal(publish, 'NOT_DURABLE_NOW', true);
    subject.mendWrites();
    expect(await messaging.publish(messages(1, 2, 3))).toEqual({ stored: 2, duplicates: 1 });
    expect(await messaging.publish(messages(3, 4))).toEqual({ stored: 1, duplicates: 1 });
    const found = await recordsOfAll((await subject.open()).readAll());
    expect(found.map((record) => record.split(':')[1])).toEqual(['m1', 'm2', 'm3', 'm4']);
  },
};
