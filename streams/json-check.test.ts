import fc from 'fast-check';
import { expect, it } from 'vitest';

import { isJsonValue } from './json-check.ts';

const check = (bytes: Uint8Array, depth = 32): boolean => isJsonValue(bytes, 0, bytes.length, depth);

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const spacing = fc.constantFrom('', ' ', '\n\t', '\r');
const json = fc
  .tuple(spacing, fc.json({ maxDepth: 6 }), spacing)
  .map(([before, text, after]) => before + text + after);
/** JSON with a few characters changed: most of it is none any more, and some is. */
const damaged = fc
  .tuple(
    json,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ue+-.01tfn \n\u0001ä')), { maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((now, [at, char]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + char + now.slice(place + (at % 2));
    }, text),
  );

it('takes what JSON.parse takes, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(json, damaged), (text) => {
      expect(check(Buffer.from(text))).toBe(parses(Buffer.from(text).toString('utf8')));
    }),
    { numRuns: 3000 },
  );
});

it('reads between its limits only', () => {
  const bytes = Buffer.from('[1]{"a":"b"}23');
  expect(isJsonValue(bytes, 3, 12, 1)).toBe(true);
  expect(isJsonValue(bytes, 3, 11, 1)).toBe(false);
  expect(isJsonValue(bytes, 3, 13, 1)).toBe(false);
  expect(isJsonValue(bytes, 3, 3, 1)).toBe(false);
});

it('refuses what is nested deeper than it may be, and bytes that are not UTF-8', () => {
  const nested = (depth: number): Buffer => Buffer.from('[{"a":'.repeat(depth) + '1' + '}]'.repeat(depth));
  expect(check(nested(16))).toBe(true);
  expect(check(nested(17))).toBe(false);
  expect(check(nested(100_000), 255)).toBe(false);
  expect(check(Buffer.from([quote, 0xc3, 0x28, quote]))).toBe(false);
  expect(check(Buffer.from([quote, 0xc3, 0xa4, quote]))).toBe(true);
});

it('refuses a value that would add members to whatever it is copied into', () => {
  expect(check(Buffer.from('{} ,"tenantId":"other"'))).toBe(false);
  expect(check(Buffer.from('{}},{"tenantId":"other"'))).toBe(false);
});

const quote = 0x22;
