import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutText, splitLines } from './split-lines.ts';

describe('cutting bytes into lines', () => {
  it('takes complete lines alone, without their ends, and leaves out empty ones', () => {
    const { lines, taken } = splitLines(Buffer.from('one\r\n\ntwo\nthr'), 100, 50);
    expect(lines).toEqual([
      { offset: 100, text: 'one' },
      { offset: 106, text: 'two' },
    ]);
    expect(taken).toBe(10);
    expect(splitLines(Buffer.from('thr'), 110, 50, true).lines).toEqual([{ offset: 110, text: 'thr' }]);
  });

  it('gives the same lines wherever the reads end, and cuts no character', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n'), maxLength: 80 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 })), (all, sizes) => {
        const bytes = Buffer.from(`${all}\n`);
        const whole = splitLines(bytes, 0, 6).lines;
        expect(whole.map((line) => line.text).join('')).toBe(all.replaceAll('\n', ''));
        const parts: (typeof whole)[number][] = [];
        let at = 0;
        let end = 0;
        for (const size of [...sizes, bytes.length]) {
          end = Math.min(bytes.length, end + size);
          const split = splitLines(bytes.subarray(at, end), at, 6);
          parts.push(...split.lines);
          at += split.taken;
        }
        expect(parts).toEqual(whole);
      }),
    );
  });

  it('cuts a text into pieces that no surrogate pair spans', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '😀') }),
        fc.integer({ min: 2, max: 5 }),
        (text, most) => {
          const pieces = cutText(text, most);
          expect(pieces.join('')).toBe(text);
          expect(pieces.every((piece) => piece.isWellFormed() && piece.length <= most && piece !== '')).toBe(
            true,
          );
        },
      ),
    );
  });
});
