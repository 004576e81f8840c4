import fc from 'fast-check';
import { v5 } from 'uuid';
import { expect, it } from 'vitest';

import { eventIdNamespace, eventIdOf, eventName } from './event-id.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 3000 }).map((s) => s.toWellFormed());

it('gives the UUIDv5 that the uuid package gives', () => {
  fc.assert(
    fc.property(text, text, text, (tenantId, source, id) => {
      expect(eventIdOf(tenantId, source, id)).toBe(v5(eventName(tenantId, source, id), eventIdNamespace));
    }),
  );
});

it('never changes: ids are stored and compared across versions', () => {
  expect(eventIdOf('default', '/agents/device-1', 'event-1')).toBe('6291fb4a-66c8-53d1-bbc4-f64487a4e68f');
});

it('tells apart triples that run together to the same text', () => {
  const parts = fc.constantFrom('', '1', '1:', ':', 'a', '1:a', 'a1:', '2:1:');
  fc.assert(
    fc.property(fc.tuple(parts, parts, parts), fc.tuple(parts, parts, parts), (one, other) => {
      expect(eventIdOf(...one) === eventIdOf(...other)).toBe(one.join('\0') === other.join('\0'));
    }),
  );
});
