import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { decodeCursor, encodeCursor, questionOf } from './cursor.ts';

const position = z.strictObject({ eventTimeMs: z.int(), eventId: z.string() });
const question = questionOf({ tenantId: 'acme' }, 'events', { sort: 'desc', search: 'disk' });

describe('cursor', () => {
  it('gives back the position of the same question', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string(), (eventTimeMs, eventId) => {
        const after = { eventTimeMs, eventId };
        expect(decodeCursor(encodeCursor(question, after), question, position)).toEqual(after);
      }),
    );
  });

  it('has one question whatever order the filters come in, and whether or not unknown ones are named', () => {
    const same = questionOf({ tenantId: 'acme' }, 'events', {
      search: 'disk',
      deviceId: undefined,
      sort: 'desc',
    });
    expect(same).toBe(question);
  });

  it.each([
    ['another tenant', questionOf({ tenantId: 'umbrella' }, 'events', { sort: 'desc', search: 'disk' })],
    ['another list', questionOf({ tenantId: 'acme' }, 'devices', { sort: 'desc', search: 'disk' })],
    ['another sort', questionOf({ tenantId: 'acme' }, 'events', { sort: 'asc', search: 'disk' })],
    ['another filter', questionOf({ tenantId: 'acme' }, 'events', { sort: 'desc', search: 'disks' })],
    ['one filter less', questionOf({ tenantId: 'acme' }, 'events', { sort: 'desc' })],
  ])('is refused by %s', (_, other) => {
    const cursor = encodeCursor(question, { eventTimeMs: 1, eventId: 'x' });
    expect(() => decodeCursor(cursor, other, position)).toThrow(
      expect.objectContaining({ code: 'CURSOR_INVALID' }),
    );
  });

  it('is refused, and nothing else happens, whatever text it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString('base64url')),
        ),
        (cursor) => {
          expect(() => decodeCursor(cursor, question, position)).toThrow(
            expect.objectContaining({ code: 'CURSOR_INVALID' }),
          );
        },
      ),
    );
  });

  it('is refused where its position is not one', () => {
    for (const after of [
      null,
      [],
      { eventTimeMs: 1 },
      { eventTimeMs: '1', eventId: 'x' },
      { eventTimeMs: 1, eventId: 'x', or: 1 },
    ]) {
      expect(() => decodeCursor(encodeCursor(question, after), question, position)).toThrow('position');
    }
  });
});
