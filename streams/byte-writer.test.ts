import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { blockOf, constantBlock, hashOf, isSame } from './byte-block.ts';
import { ByteMap } from './byte-map.ts';
import { ByteWriter } from './byte-writer.ts';
import { TextCache } from './text-cache.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
/** Bytes that stand somewhere within others, as a record's do within its batch. */
const placed = fc.tuple(bytes, bytes, bytes).map(([before, content, behind]) => ({
  block: blockOf(Buffer.concat([before, content, behind])),
  start: before.length,
  end: before.length + content.length,
  content,
}));
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.string());

describe('ByteWriter', () => {
  it('writes what plain copies would, however long and wherever from', () => {
    fc.assert(
      fc.property(fc.array(placed, { maxLength: 8 }), (parts) => {
        const writer = new ByteWriter(1);
        for (const { block, start, end, content } of parts) {
          writer.block(block, start, end);
          writer.block(constantBlock(content), 0, content.length);
        }
        const wanted = Buffer.concat(parts.flatMap(({ content }) => [content, content]));
        expect(writer.written().equals(wanted)).toBe(true);
        expect(writer.target.bytes.subarray(0, writer.length).equals(wanted)).toBe(true);
      }),
    );
  });

  it('writes a text as a JSON string that reads as the same text', () => {
    fc.assert(
      fc.property(text, bytes, (text, before) => {
        const content = Buffer.from(text);
        const writer = new ByteWriter(1);
        writer.jsonRange(
          blockOf(Buffer.concat([before, content])),
          before.length,
          before.length + content.length,
        );
        expect(JSON.parse(writer.written().toString('utf8'))).toBe(content.toString('utf8'));
      }),
    );
  });

  it('writes whole numbers as their digits', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const writer = new ByteWriter(1);
        writer.wholeNumber(value);
        expect(writer.written().toString()).toBe(String(value));
      }),
    );
  });

  it('fills a varint in later as if it had been written at once, whatever its size was guessed', () => {
    const value = fc.oneof(
      fc.integer({ min: -300, max: 300 }),
      fc.maxSafeInteger().map((n) => Math.trunc(n / 4)),
    );
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 8 }), bytes, (value, guess, behind) => {
        const [later, atOnce] = [new ByteWriter(1), new ByteWriter(1)];
        const at = later.varintLater(guess);
        later.bytes(behind);
        later.varintAt(at, guess, value);
        atOnce.varint(value);
        atOnce.bytes(behind);
        expect(later.written().equals(atOnce.written())).toBe(true);
      }),
    );
  });

  it('hands out what it wrote, and overwrites only what was given back', () => {
    const writer = new ByteWriter(64);
    const write = (byte: number): Buffer => {
      writer.bytes(Buffer.alloc(64, byte));
      return writer.take();
    };
    const [first, second] = [write(1), write(2)];
    expect([first[63], second[63]]).toEqual([1, 2]);
    writer.reuse(first);
    write(3);
    expect(write(4).buffer).toBe(first.buffer);
    expect(second[63]).toBe(2);
  });
});

describe('bytes as keys', () => {
  it('compare and hash alike wherever they stand', () => {
    fc.assert(
      fc.property(placed, placed, (a, b) => {
        const other = constantBlock(b.content);
        expect(isSame(a.block, a.start, a.end, other)).toBe(a.content.equals(b.content));
        const copy = constantBlock(a.content);
        expect(isSame(a.block, a.start, a.end, copy)).toBe(true);
        expect(hashOf(a.block, a.start, a.end, 7)).toBe(hashOf(copy, 0, a.content.length, 7));
      }),
    );
  });

  it('find the values that a map of strings finds', () => {
    const key = fc.oneof(fc.constantFrom('', 'a', 'ab', 'abcd', 'abcde'), fc.string({ maxLength: 12 }));
    const change = fc.tuple(key, fc.option(fc.nat(), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), fc.integer(), (changes, seed) => {
        const [map, twin] = [new ByteMap<number>(seed), new Map<string, number | undefined>()];
        for (const [key, value] of changes) {
          const block = blockOf(Buffer.from(key));
          map.set(block, 0, block.bytes.length, value);
          twin.set(key, value);
          for (const [known, wanted] of twin) {
            const at = blockOf(Buffer.from(`<${known}>`));
            expect(map.get(at, 1, at.bytes.length - 1)).toBe(wanted);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('read as the same text, whether it was met before or not', () => {
    const cache = new TextCache();
    fc.assert(
      fc.property(fc.oneof(placed, text.map(placedText)), ({ block, start, end, content }) => {
        const wanted = content.toString('utf8');
        expect([cache.text(block, start, end), cache.text(block, start, end)]).toEqual([wanted, wanted]);
      }),
    );
  });
});

function placedText(text: string) {
  const content = Buffer.from(text);
  return { block: blockOf(content), start: 0, end: content.length, content };
}
