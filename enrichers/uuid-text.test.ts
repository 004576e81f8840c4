import fc from 'fast-check';
import { expect, it } from 'vitest';

import { blockOf } from '../streams/byte-block.ts';
import { readUuid } from './uuid-text.ts';

const wellFormed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function read(text: Buffer): string | null {
  const block = blockOf(Buffer.concat([Buffer.from('<'), text, Buffer.from('>')]));
  const words = new Int32Array(4);
  const isUuid = readUuid({ ...block, start: 1, end: 1 + text.length }, words);
  return isUuid ? [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('') : null;
}

function twin(text: Buffer): string | null {
  const latin1 = text.toString('latin1');
  return wellFormed.test(latin1) ? latin1.toLowerCase().replaceAll('-', '') : null;
}

it('reads every UUID as its digits, in either case', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), (uuid, upper) => {
      const text = Buffer.from(upper ? uuid.toUpperCase() : uuid);
      expect(read(text)).toBe(uuid.replaceAll('-', ''));
    }),
  );
});

it('refuses every other byte at every place', () => {
  const uuid = Buffer.from('01234567-89ab-cdef-ABCD-EFfedcba9876');
  for (let at = 0; at < uuid.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const text = Buffer.from(uuid);
      text[at] = byte;
      expect(read(text)).toBe(twin(text));
    }
  }
});

it('refuses other lengths', () => {
  expect([read(Buffer.alloc(0)), read(Buffer.alloc(35, '0')), read(Buffer.alloc(37, '0'))]).toEqual([
    null,
    null,
    null,
  ]);
});
