import { zstdCompressSync } from 'node:zlib';

import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import {
  baseOffset,
  batchHeaderBytes,
  checkBatch,
  compressBatch,
  maxTimestampMs,
  offsetSpan,
  RecordBatchBuilder,
  recordCount,
  type RecordInput,
  setBaseOffset,
} from './record-batch.ts';
import { HeaderReader, RecordCursor } from './record-cursor.ts';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const record: fc.Arbitrary<RecordInput> = fc.record({
  key: fc.oneof(fc.constant(null), fc.constant(''), text),
  value: fc.oneof(fc.constant(null), fc.constant(''), text, bytes),
  timestampMs: fc.integer({ min: 0, max: 2 ** 45 }),
  headers: fc.dictionary(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), text, { maxKeys: 5 }),
});
const records = fc.array(record, { minLength: 1, maxLength: 12 });

function seal(inputs: readonly RecordInput[], compress: boolean): Buffer {
  const builder = new RecordBatchBuilder(64);
  for (const input of inputs) builder.appendRecord(input);
  return builder.finish({ compress });
}

interface Read {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: Record<string, string>;
  readonly offset: number;
}

function readAll(input: Uint8Array): Read[] {
  const cursor = new RecordCursor();
  const found: Read[] = [];
  cursor.reset(input);
  while (cursor.next()) {
    const value = cursor.value();
    found.push({
      key: cursor.keyStart < 0 ? null : cursor.keyText(),
      value: value === null ? null : Buffer.from(value),
      timestampMs: cursor.timestampMs,
      headers: cursor.headers(),
      offset: cursor.offset,
    });
  }
  return found;
}

function expected(inputs: readonly RecordInput[], firstOffset: number): Read[] {
  return inputs.map((input, i) => ({
    key: input.key === null ? null : String(input.key),
    value: input.value === null ? null : Buffer.from(input.value),
    timestampMs: input.timestampMs,
    headers: Object.fromEntries(Object.entries(input.headers ?? {}).map(([k, v]) => [k, String(v)])),
    offset: firstOffset + i,
  }));
}

/** What reading the bytes ends in: its records, or the code of the error. Another error fails the test. */
function outcome(input: Uint8Array): number | 'BATCH_CORRUPT' {
  try {
    return readAll(input).length;
  } catch (error) {
    if (error instanceof OpenFrameError && error.code === 'BATCH_CORRUPT') return error.code;
    throw error;
  }
}

it('reads back what was appended, compressed or not, in batches behind each other', () => {
  const batches = fc.array(fc.tuple(records, fc.boolean(), fc.nat({ max: 2 ** 40 })), { maxLength: 4 });
  fc.assert(
    fc.property(batches, (batches) => {
      const sealed = batches.map(([inputs, compress, offset]) => {
        const batch = seal(inputs, compress);
        setBaseOffset(batch, offset);
        expect([baseOffset(batch), recordCount(batch), offsetSpan(batch)]).toEqual([
          offset,
          inputs.length,
          inputs.length,
        ]);
        expect(maxTimestampMs(batch)).toBe(Math.max(...inputs.map((input) => input.timestampMs)));
        checkBatch(batch);
        return batch;
      });
      const wanted = batches.flatMap(([inputs, , offset]) => expected(inputs, offset));
      expect(readAll(Buffer.concat(sealed))).toEqual(wanted);
    }),
  );
});

it('compresses a sealed batch without changing its records', () => {
  fc.assert(
    fc.property(records, fc.nat({ max: 2 ** 40 }), (inputs, offset) => {
      const padded = [...inputs, { key: 'pad', value: 'x'.repeat(600), timestampMs: 1 }];
      const batch = seal(padded, false);
      setBaseOffset(batch, offset);
      const compressed = compressBatch(batch);
      expect(compressed.length).toBeLessThan(batch.length);
      expect(compressBatch(compressed)).toBe(compressed);
      checkBatch(compressed);
      expect(readAll(compressed)).toEqual(expected(padded, offset));
    }),
  );
  const small = seal([{ key: 'a', value: 'b', timestampMs: 1 }], false);
  expect(compressBatch(small)).toBe(small);
});

it('copies records from a cursor as they are, and leaves gaps where it is told to', () => {
  const kept = fc.array(fc.tuple(record, fc.boolean()), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(kept, fc.boolean(), (kept, keepOffsets) => {
      const cursor = new RecordCursor();
      const builder = new RecordBatchBuilder(16);
      cursor.reset(
        seal(
          kept.map(([input]) => input),
          false,
        ),
      );
      for (let i = 0; cursor.next(); i++) {
        if (kept[i]?.[1] !== true) continue;
        if (keepOffsets) builder.skipTo(cursor.offset);
        builder.appendFrom(cursor);
      }
      const wanted = expected(
        kept.map(([input]) => input),
        0,
      ).filter((_, i) => kept[i]?.[1] === true);
      const batch = builder.finish();
      const found = readAll(batch);
      expect(found).toEqual(wanted.map((read, i) => (keepOffsets ? read : { ...read, offset: i })));
      if (wanted.length > 0) expect(offsetSpan(batch)).toBe((found.at(-1)?.offset ?? 0) + 1);
    }),
  );
});

const sample: readonly RecordInput[] = [
  { key: 'key', value: 'v'.repeat(700), timestampMs: 5000, headers: { one: 'a', two: '' } },
  { key: null, value: null, timestampMs: 4000 },
  { key: '', value: Buffer.from([0, 255, 128]), timestampMs: 6000, headers: { one: 'b' } },
];

for (const compress of [false, true]) {
  const kind = compress ? 'compressed' : 'plain';

  it(`names each damaged byte of a ${kind} batch`, () => {
    const whole = seal(sample, compress);
    for (let at = 8; at < whole.length; at++) {
      if (at >= 12 && at < 16) continue;
      for (const flip of [1, 128, 255]) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        expect([at, outcome(damaged)]).toEqual([at, 'BATCH_CORRUPT']);
      }
    }
  });

  it(`names a ${kind} batch that is cut anywhere, alone or behind a whole one`, () => {
    const whole = seal(sample, compress);
    for (let length = 1; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect([length, outcome(cut)]).toEqual([length, 'BATCH_CORRUPT']);
      expect(outcome(Buffer.concat([whole, cut]))).toBe('BATCH_CORRUPT');
      expect(() => checkBatch(cut)).toThrow(OpenFrameError);
    }
    expect(() => checkBatch(Buffer.concat([whole, whole]))).toThrow(/bytes behind it/);
  });
}

it('ends on any bytes under a right checksum: records or BATCH_CORRUPT', () => {
  const body = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(body, fc.integer({ min: -2, max: 100 }), fc.nat({ max: 7 }), (body, count, attributes) => {
      const end = outcome(resealed(Buffer.from(body), count, attributes));
      if (end !== 'BATCH_CORRUPT') expect(end).toBe(Math.max(count, 0));
    }),
    { numRuns: 2000 },
  );
});

it('ends on a whole batch with any bytes changed under a right checksum', () => {
  const changes = fc.array(fc.tuple(fc.nat({ max: 2000 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(changes, fc.boolean(), (changes, compress) => {
      const whole = seal(sample, compress);
      const body = Buffer.from(whole.subarray(batchHeaderBytes));
      for (const [at, byte] of changes) body[at % body.length] = byte;
      const end = outcome(resealed(body, sample.length, whole.readInt16BE(21)));
      expect([sample.length, 'BATCH_CORRUPT']).toContain(end);
    }),
    { numRuns: 2000 },
  );
});

it('keeps a header inside its record', () => {
  const reader = new HeaderReader();
  const headers = Buffer.from([2, 2, 0x61, 20, 0x62, 0x63, 0x64]);
  reader.reset(headers, 0, 4);
  expect(() => reader.next()).toThrow(/leaves its record/);
});

it('refuses compressed records beyond what it inflates', () => {
  const bomb = zstdCompressSync(Buffer.alloc(256 * 1024 * 1024 + 1));
  expect(outcome(resealed(bomb, 1, 4))).toBe('BATCH_CORRUPT');
});

/** A batch around any body, its checksum right. */
function resealed(body: Buffer, count: number, attributes: number): Buffer {
  const batch = Buffer.concat([seal(sample.slice(0, 1), false).subarray(0, batchHeaderBytes), body]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(count, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
