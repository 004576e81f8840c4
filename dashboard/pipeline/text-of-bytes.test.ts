import { expect, it } from 'vitest';

import { textOfBytes } from './text-of-bytes.ts';

it('is the text of the bytes, whatever they are', () => {
  expect(textOfBytes(Buffer.from('{"a":"ü"}').toString('base64'))).toBe('{"a":"ü"}');
  expect(textOfBytes(Buffer.from([0xff, 0x41]).toString('base64'))).toBe('\u{fffd}A');
  expect(textOfBytes(null)).toContain('tombstone');
});
