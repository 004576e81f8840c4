import fc from 'fast-check';
import { expect, it } from 'vitest';

import { fromStoredText, literal, storedNull, toStoredText } from './stored-text.ts';

const hostile = fc.string({ unit: fc.constantFrom('\0', '\u001a', '0', '1', 'n', "'", '\\', 'a', '\ud800') });

it('gives every text back, and holds no NUL', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
      const stored = toStoredText(text);
      expect(stored).not.toContain('\0');
      expect(stored).not.toBe(storedNull);
      expect(fromStoredText(stored)).toBe(text.toWellFormed());
    }),
  );
});

it('keeps ordinary text as it is', () => {
  expect(toStoredText("O'Neil 日本 \t%")).toBe("O'Neil 日本 \t%");
  expect(fromStoredText(storedNull)).toBeNull();
});

it('leaves no way out of a literal', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const inner = literal(text).slice(1, -1);
      expect(inner.replaceAll("''", '')).not.toContain("'");
    }),
  );
});
