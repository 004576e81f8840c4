import type { ByteRange } from '../streams/record.ts';

const lengthBytes = 36;
const dash = 0x2d;

/** What stood in the digits read last that is no hexadecimal digit: not 0 where there was any. */
let wrong = 0;

/**
 * Reads a UUID's text (RFC 9562 section 4), digits of either case, into four 32-bit words; false where it is none.
 * Four digits at once: events have one each, and reading them one by one costs three times as much.
 */
export function readUuid({ bytes, view, start, end }: ByteRange, words: Int32Array): boolean {
  if (end - start !== lengthBytes) return false;
  wrong =
    ((bytes[start + 8] ?? 0) ^ dash) |
    ((bytes[start + 13] ?? 0) ^ dash) |
    ((bytes[start + 18] ?? 0) ^ dash) |
    ((bytes[start + 23] ?? 0) ^ dash);
  words[0] = (fourDigits(view, start) << 16) | fourDigits(view, start + 4);
  words[1] = (fourDigits(view, start + 9) << 16) | fourDigits(view, start + 14);
  words[2] = (fourDigits(view, start + 19) << 16) | fourDigits(view, start + 24);
  words[3] = (fourDigits(view, start + 28) << 16) | fourDigits(view, start + 32);
  return wrong === 0;
}

/** Four hexadecimal digits as a number; each byte of a word is one. What is none of them is noted in `wrong`. */
function fourDigits(view: DataView, at: number): number {
  const text = view.getInt32(at);
  const digits = (text & 0x0f0f0f0f) + ((text >>> 6) & 0x01010101) * 9;
  const letters = ((digits + 0x06060606) >>> 4) & 0x01010101;
  wrong |= (digits & 0xf0f0f0f0) | ((digits + 0x30303030 + letters * 0x27) ^ (text | (letters << 5)));
  const pairs = (digits | (digits >>> 4)) & 0x00ff00ff;
  return (pairs | (pairs >>> 8)) & 0xffff;
}
