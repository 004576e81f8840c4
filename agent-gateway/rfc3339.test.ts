import fc from 'fast-check';
import { expect, it } from 'vitest';

import { lacksZone, parseRfc3339 } from './rfc3339.ts';

it('reads every time that the calendar has, as Date does', () => {
  const date = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z') });
  fc.assert(
    fc.property(
      date.filter((d) => !Number.isNaN(d.getTime())),
      (d) => {
        expect(parseRfc3339(d.toISOString())).toBe(d.getTime());
      },
    ),
    { numRuns: 1000 },
  );
});

it('reads offsets, fractions of any length and lower case', () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  expect(parseRfc3339('2026-01-31T12:00:00Z')).toBe(noon);
  expect(parseRfc3339('2026-01-31t12:00:00z')).toBe(noon);
  expect(parseRfc3339('2026-01-31T14:30:00+02:30')).toBe(noon);
  expect(parseRfc3339('2026-01-31T00:00:00-12:00')).toBe(noon);
  expect(parseRfc3339('2026-01-31T12:00:00.1Z')).toBe(noon + 100);
  expect(parseRfc3339('2026-01-31T12:00:00.123456789Z')).toBe(noon + 123);
  expect(parseRfc3339('2016-12-31T23:59:60Z')).toBe(Date.UTC(2017, 0, 1));
  expect(parseRfc3339('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
});

it.each([
  '',
  'yesterday',
  '2026-01-31',
  '2026-01-31T12:00Z',
  '2026-01-31 12:00:00Z',
  '2026-01-31T12:00:00',
  '2026-01-31T12:00:00.Z',
  '2026-01-31T12:00:00Zulu',
  '2026-01-31T12:00:00+0200',
  '2026-01-31T12:00:00+24:00',
  '2026-01-31T12:00:00+02:60',
  '2026-02-29T12:00:00Z',
  '1900-02-29T12:00:00Z',
  '2026-04-31T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-00-01T12:00:00Z',
  '2026-01-00T12:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:60:00Z',
  '2026-01-31T12:00:61Z',
  '２026-01-31T12:00:00Z',
  '+002026-01-31T12:00:00Z',
])('refuses %j', (text) => {
  expect(parseRfc3339(text)).toBeNaN();
});

it('knows a time that lacks only its zone', () => {
  expect(lacksZone('2026-01-31T12:00:00')).toBe(true);
  expect(lacksZone('2026-01-31 12:00:00.5')).toBe(true);
  expect(lacksZone('2026-01-31T12:00:00Z')).toBe(false);
  expect(lacksZone('noon')).toBe(false);
});
