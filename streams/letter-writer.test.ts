import fc from 'fast-check';
import { expect, it } from 'vitest';

import { BytesRecord } from './bytes-record.ts';
import { ByteWriter } from './byte-writer.ts';
import { deadLetterRecord, replaysOf } from './dead-letters.ts';
import { writeHeader } from './encoded-headers.ts';
import { LetterWriter } from './letter-writer.ts';
import { RecordBatchBuilder } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';
import { FieldTable } from './record.ts';
import { SealedBatches } from './sealed-batches.ts';

/** Mostly what can be written as it stands; also what must be escaped, what is not ASCII, and what is not UTF-8. */
const bytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii' }).map((text) => Buffer.from(text)) },
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
);
const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('tenant', 'replays', 'ce_id', '__proto__', '7') },
  fc.string({ unit: 'binary-ascii' }),
);
const replays = fc.constantFrom('0', '2', '-1', '1e99', '', 'x').map((text) => Buffer.from(text));
type Header = readonly [name: string, value: Buffer | null];
const header: fc.Arbitrary<Header> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, fc.option<Buffer, null>(bytes, { nil: null })) },
  fc.tuple(fc.constant('replays'), replays),
);
const text = fc.string({ unit: 'binary' });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const given = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(header, { maxLength: 6 }),
  timestampMs: fc.constantFrom(0, 1_790_000_000_000),
  why: fc.record({
    topology: text,
    stage: text,
    reason: text,
    topic: text,
    partition: fc.nat(),
    offset: fc.maxSafeNat(),
    atMs: fc.constantFrom(0, 1_790_000_000_000),
  }),
  sender: maybe(text),
  cause: maybe(text.map((message) => new Error(message))),
});

/** As they come: a header may have no value, and a name may stand twice. */
function sectionOf(headers: readonly Header[]): Buffer {
  const writer = new ByteWriter(64);
  writer.varint(headers.length);
  for (const [name, value] of headers) {
    if (value !== null) writeHeader(writer, name, value);
    else {
      writer.varint(name.length);
      writer.latin1(name);
      writer.varint(-1);
    }
  }
  return writer.written();
}

it('a letter written from bytes says what one made of objects says', () => {
  const format = { headers: {}, value: { name: 'data', kind: 'json' } } as const;
  const writer = new LetterWriter();
  fc.assert(
    fc.property(given, ({ key, value, headers, timestampMs, why, sender, cause }) => {
      const builder = new RecordBatchBuilder();
      builder.append(timestampMs, key, value, sectionOf(headers));
      const cursor = new RecordCursor();
      const record = new BytesRecord(cursor, format, new FieldTable());
      cursor.reset(builder.finish());
      cursor.next();
      record.load();
      const causes = {
        ...why,
        ...(sender === undefined ? {} : { sender }),
        ...(cause === undefined ? {} : { cause }),
      };
      const letters = new SealedBatches(64);
      const told = writer.append(letters, record, causes);
      expect(told).toBe(replaysOf(record.original().headers));
      const expected = deadLetterRecord(record.original(), causes);
      cursor.reset(letters.take()[0] ?? Buffer.alloc(0));
      expect(cursor.next()).toBe(true);
      expect([cursor.keyText(), cursor.timestampMs, cursor.headers()]).toEqual([
        String(expected.key).toWellFormed(),
        expected.timestampMs,
        {},
      ]);
      expect(JSON.stringify(JSON.parse(String(cursor.value())))).toBe(expected.value);
    }),
    { numRuns: 500 },
  );
});
