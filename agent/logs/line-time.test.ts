import { describe, expect, it } from 'vitest';

import { lineTimeMs, statedTimeMs } from './line-time.ts';

const readAtMs = new Date(2026, 0, 2, 12, 0, 0).getTime();
const local = (...parts: [number, number, number, number, number, number]): number =>
  new Date(...parts).getTime();

describe("a log line's time", () => {
  it.each<[string, string, number]>([
    [
      'RFC 3339 with a zone',
      '2026-01-02T10:00:00.250+01:00 host cron[1]: x',
      Date.parse('2026-01-02T09:00:00.250Z'),
    ],
    ['RFC 3339 in UTC', '2026-01-01T10:00:00Z x', Date.parse('2026-01-01T10:00:00Z')],
    ["dpkg's, in this machine's zone", '2026-01-02 08:09:10 install a:amd64', local(2026, 0, 2, 8, 9, 10)],
    [
      "alternatives', after a name",
      'update-alternatives 2026-01-02 08:09:10: run with',
      local(2026, 0, 2, 8, 9, 10),
    ],
    ["BSD syslog's, this year", 'Jan  2 08:09:10 host sshd[1]: x', local(2026, 0, 2, 8, 9, 10)],
    ["BSD syslog's, the year before", 'Dec 31 23:59:59 host sshd[1]: x', local(2025, 11, 31, 23, 59, 59)],
  ])('is what it says: %s', (_, line, expected) => {
    expect(lineTimeMs(line, readAtMs)).toBe(expected);
  });

  it.each([
    ['it says none', 'nothing here'],
    ['it says no possible one', '2026-13-45 99:99:99 x'],
    ['an event may not be that old', '1970-01-01T00:00:00Z x'],
    ['an event may not be that far ahead', '2100-01-01T00:00:00Z x'],
    ['a month is no month', 'Foo 12 08:09:10 x'],
  ])('is the time of reading where %s', (_, line) => {
    expect(lineTimeMs(line, readAtMs)).toBe(readAtMs);
  });

  it('is known as stated even where an event may not have it', () => {
    expect(statedTimeMs('1970-01-01T00:00:01Z x', readAtMs)).toBe(1000);
    expect(statedTimeMs('x', readAtMs)).toBeUndefined();
  });
});
