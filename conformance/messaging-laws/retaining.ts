import { expect } from 'vitest';

import { drain, expectRefusal, recordsOfAll, sealed } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { message, messages, retentionBytes, retentionMs, type MessagingSubject } from './subject.ts';

/** A batch that does not compress: 16 KiB. */
function incompressible(number: number): Buffer {
  const value = Buffer.alloc(16 * 1024);
  let state = number + 1;
  for (let i = 0; i < value.length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    value[i] = state >>> 24;
  }
  return sealed({ ...message(number), value });
}

export const retainingLaws: Laws<MessagingSubject> = {
  'lets the oldest messages go by age': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    await subject.advance(retentionMs + 1);
    await messaging.publish(messages(2));
    await subject.advance(1001);
    await messaging.publish(messages(3));
    const found = (await recordsOfAll(messaging.readAll())).map((record) => record.split(':')[1]);
    expect(found).toEqual(['m2', 'm3']);
  },
  'keeps messages of any age that a consumer has yet to process': async (subject) => {
    const messaging = await subject.open();
    const source = await messaging.consume('relay');
    await messaging.publish(messages(1));
    for (const n of [2, 3]) {
      await subject.advance(retentionMs + 1);
      await messaging.publish(messages(n));
    }
    const found = (await drain(source, 3, subject.advance)).map((record) => record.split(':')[1]);
    expect(found).toEqual(['m1', 'm2', 'm3']);
  },
  'lets the oldest messages go by size, and none that a consumer has yet to process': async (subject) => {
    const messaging = await subject.open();
    for (let i = 0; i < 10; i++) await messaging.publish(incompressible(i));
    const free = await messaging.status();
    expect(free.firstSequence).toBeGreaterThan(0);
    expect(free.sizeBytes).toBeLessThan(retentionBytes * 1.5);
    const source = await messaging.consume('relay');
    const refused = (async () => {
      for (let i = 10; i < 30; i++) await messaging.publish(incompressible(i));
    })();
    await expectRefusal(refused, 'NOT_DURABLE_NOW', true);
    expect((await messaging.status()).firstSequence).toBe(free.firstSequence);
    const { nextSequence } = await messaging.status();
    const kept = nextSequence - free.firstSequence;
    expect(await drain(source, kept, subject.advance)).toHaveLength(kept);
    await messaging.publish(incompressible(40));
    expect((await messaging.status()).firstSequence).toBeGreaterThan(free.firstSequence);
  },
};
