import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { crcOfOtherHead } from './crc-of-other-head.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

it('equals the checksum of the whole content read again', () => {
  const heads = fc.integer({ min: 0, max: 70 }).chain((length) => {
    const head = fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
    return fc.tuple(head, head);
  });
  fc.assert(
    fc.property(heads, bytes(2000), fc.integer({ min: 1, max: 300 }), ([before, after], content, times) => {
      const behind = Buffer.concat(Array.from({ length: times }, () => content));
      const whole = crc32c(Buffer.concat([before, behind]));
      const changed = crcOfOtherHead(whole, crc32c(before), crc32c(after), behind.length);
      expect(changed).toBe(crc32c(Buffer.concat([after, behind])));
    }),
  );
});
