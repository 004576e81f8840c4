import { expect, it } from 'vitest';

import { formatAgo, formatClock, formatExact, formatListed, formatMinute } from './format-time.ts';

const timeMs = Date.UTC(2026, 10, 22, 0, 3, 40);

it('prints a moment in UTC to the second, the minute and with its date', () => {
  expect(formatClock(timeMs, 'utc')).toBe('00:03:40');
  expect(formatMinute(timeMs, 'utc')).toBe('00:03');
  expect(formatExact(timeMs, 'utc')).toBe('2026-11-22 00:03:40 UTC');
});

it('prints a moment of another day with that day', () => {
  expect(formatListed(timeMs, timeMs + 3_600_000, 'utc')).toBe('00:03:40');
  expect(formatListed(timeMs - 600_000, timeMs, 'utc')).toBe('11-21 23:53');
});

it('says of local time that it is', () => {
  expect(formatExact(timeMs, 'local')).toMatch(/ local time$/);
});

it.each([
  [-5_000, 'now'],
  [1_900, 'now'],
  [12_000, '12 s ago'],
  [59_999, '59 s ago'],
  [240_000, '4 min ago'],
  [10_800_000, '3 h ago'],
  [777_600_000, '9 d ago'],
])('prints %d milliseconds ago as %s', (agoMs, text) => expect(formatAgo(timeMs, timeMs + agoMs)).toBe(text));
