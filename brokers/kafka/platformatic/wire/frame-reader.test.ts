import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FrameReader } from './frame-reader.ts';

function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Puts the bytes into the reader's room in pieces of the given sizes, one after the other, again and again. */
function feed(reader: FrameReader, bytes: Buffer, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const room = reader.room();
    const count = Math.min(room.length, sizes[i % sizes.length] ?? 1, bytes.length - at);
    bytes.copy(room, 0, at, at + count);
    reader.filled(count);
    at += count;
  }
}

it('gives each frame as it was sent, however the bytes arrive', () => {
  const length = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 100_000 }));
  const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(length, { maxLength: 12 }), sizes, (lengths, sizes) => {
      const contents = lengths.map((bytes, i) => Buffer.alloc(bytes, i + 1));
      const found: Buffer[] = [];
      const reader = new FrameReader((frame) => found.push(frame));
      feed(reader, Buffer.concat(contents.map(framed)), sizes);
      expect(found.map((frame) => frame.length)).toEqual(lengths);
      expect(Buffer.concat(found).equals(Buffer.concat(contents))).toBe(true);
    }),
  );
});

it('refuses a length that no frame has', () => {
  const reader = new FrameReader(() => {});
  expect(() => feed(reader, Buffer.from([0xff, 0, 0, 0]), [4])).toThrow(RangeError);
});
