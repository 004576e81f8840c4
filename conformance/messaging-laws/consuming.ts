import { expect } from 'vitest';

import type { Messaging } from '../../brokers/messaging.ts';
import { drain, expectRefusal, readerOf, recordsIn, recordsOf, recordsOfAll } from '../batches.ts';
import type { Laws } from '../laws.ts';
import { messages, type MessagingSubject } from './subject.ts';

export const consumingLaws: Laws<MessagingSubject> = {
  'gives a consumer each message once, and wakes it for new ones': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1, 2));
    const source = await messaging.consume('relay');
    const reader = readerOf(source, subject.advance);
    const first = await reader.next();
    expect(recordsOf(first).map((record) => record.split(':')[1])).toEqual(['m1', 'm2']);
    expect([first.partition, first.position]).toEqual([0, undefined]);
    await first.ack();
    await reader.expectNothing();
    const waiting = reader.next();
    await messaging.publish(messages(2, 3));
    expect(recordsOf(await waiting).map((record) => record.split(':')[1])).toEqual(['m3']);
  },
  'lets consumers of other names read by themselves': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    for (const name of ['one', 'two']) {
      expect(await drain(await messaging.consume(name), 1, subject.advance)).toHaveLength(1);
    }
    const { consumers, nextSequence } = await messaging.status();
    expect(consumers).toEqual({ one: nextSequence, two: nextSequence });
  },
  'moves the durable floor over acks without a gap only': async (subject) => {
    const messaging = await subject.open();
    for (const n of [1, 2, 3]) await messaging.publish(messages(n));
    const reader = readerOf(await messaging.consume('relay'), subject.advance);
    const [a, b, c] = [await reader.next(), await reader.next(), await reader.next()];
    const floor = async (from: Messaging): Promise<number | undefined> =>
      (await from.status()).consumers['relay'];
    await c.ack();
    await b.ack();
    expect(await floor(messaging)).toBe(a.firstOffset);
    await a.ack();
    expect(await floor(await subject.open())).toBe(c.nextOffset);
  },
  'delivers a nacked batch again, and all after it': async (subject) => {
    const messaging = await subject.open();
    for (const n of [1, 2, 3]) await messaging.publish(messages(n));
    const reader = readerOf(await messaging.consume('relay'), subject.advance);
    const [a, b, c] = [await reader.next(), await reader.next(), await reader.next()];
    await c.nack(new Error('c failed'));
    await b.nack(new Error('b failed'));
    await a.ack();
    const again = [await reader.next(), await reader.next()];
    expect(again.map((batch) => batch.firstOffset)).toEqual([b.firstOffset, c.firstOffset]);
    for (const batch of again) await batch.ack();
    expect((await messaging.status()).consumers['relay']).toBe(c.nextOffset);
    await reader.expectNothing();
  },
  'delivers again after a restart what was not acked': async (subject) => {
    const messaging = await subject.open();
    for (const n of [1, 2, 3]) await messaging.publish(messages(n));
    const reader = readerOf(await messaging.consume('relay'), subject.advance);
    await (await reader.next()).ack();
    await reader.next();
    const source = await (await subject.open()).consume('relay');
    const found = await drain(source, 2, subject.advance);
    expect(found.map((record) => record.split(':')[1])).toEqual(['m2', 'm3']);
  },
  'delivers again to a new iteration what was in hand and not acked': async (subject) => {
    const messaging = await subject.open();
    for (const n of [1, 2]) await messaging.publish(messages(n));
    const source = await messaging.consume('relay');
    const reader = readerOf(source, subject.advance);
    await (await reader.next()).ack();
    await reader.next();
    await reader.end();
    const found = await drain(source, 1, subject.advance);
    expect(found.map((record) => record.split(':')[1])).toEqual(['m2']);
  },
  'resumes with the acks where a reader had in hand all that it may': async (subject) => {
    const messaging = await subject.open();
    const count = 12;
    for (let n = 0; n < count; n++) await messaging.publish(messages(n));
    const reader = readerOf(await messaging.consume('relay'), subject.advance);
    const found: string[] = [];
    while (found.length < count) {
      const inHand = [];
      for (let batch = await reader.nextOrNull(); batch !== null; batch = await reader.nextOrNull()) {
        inHand.push(batch);
      }
      expect(inHand.length).toBeGreaterThan(0);
      for (const batch of inHand) await batch.ack();
      found.push(...inHand.flatMap(recordsOf).map((record) => record.split(':')[1] ?? ''));
    }
    expect(found).toEqual(Array.from({ length: count }, (_, n) => `m${n}`));
    await reader.expectNothing();
  },
  'lets the newest reader of a name read, and refuses the acks of the one before': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    let batch = await readerOf(await messaging.consume('relay'), subject.advance).next();
    for (const again of [messaging, await subject.open()]) {
      const source = await again.consume('relay');
      await expectRefusal(batch.ack(), 'BATCH_REVOKED');
      expect(batch.revoked.aborted).toBe(true);
      const next = await readerOf(source, subject.advance).next();
      expect(recordsOf(next)).toEqual(recordsOf(batch));
      batch = next;
    }
    await batch.ack();
  },
  'gives a consumer what another object publishes': async (subject) => {
    const [publisher, reading] = [await subject.open(), await subject.open()];
    const reader = readerOf(await reading.consume('relay'), subject.advance);
    const waiting = reader.next();
    await publisher.publish(messages(1));
    const batch = await waiting;
    expect(recordsOf(batch).map((record) => record.split(':')[1])).toEqual(['m1']);
    await batch.ack();
    expect((await publisher.status()).consumers['relay']).toBe(batch.nextOffset);
  },
  'answers a failed ack with a retryable error, and takes it again': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    const batch = await readerOf(await messaging.consume('relay'), subject.advance).next();
    subject.failWrites();
    await expectRefusal(batch.ack(), 'STORE_UNAVAILABLE', true);
    subject.mendWrites();
    expect((await messaging.status()).consumers['relay']).toBe(batch.firstOffset);
    await batch.ack();
    expect((await messaging.status()).consumers['relay']).toBe(batch.nextOffset);
  },
  'ends reading on abort': async (subject) => {
    const messaging = await subject.open();
    await messaging.publish(messages(1));
    const over = new AbortController();
    const source = await messaging.consume('relay');
    const seen: number[] = [];
    for await (const batch of source.read({ maxRecords: 1, maxWaitMs: 2 ** 30, signal: over.signal })) {
      seen.push(batch === null ? -1 : recordsIn(batch.bytes).length);
      setImmediate(() => over.abort());
    }
    expect(seen).toEqual([1]);
  },
  'closes twice, and its consumers with it': async (subject) => {
    const messaging = await subject.open();
    const source = await messaging.consume('relay');
    const pending = messaging.publish(messages(1));
    await source[Symbol.asyncDispose]();
    await messaging[Symbol.asyncDispose]();
    await messaging[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    expect(await pending).toEqual({ stored: 1, duplicates: 0 });
    expect(await recordsOfAll((await subject.open()).readAll())).toHaveLength(1);
  },
};
