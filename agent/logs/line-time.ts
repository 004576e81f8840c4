import { eventLimits } from '../../contracts/event.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `2026-11-22T23:03:57.1+01:00` (RFC 3339, as rsyslog writes), or with a blank and no zone (dpkg.log). */
const isoPattern = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d)?/;
/** `Nov 22 23:03:57` (RFC 3164 section 4.1.2): no year and no zone. */
const bsdPattern = /^(?:<\d+>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)/;

/**
 * The time that a log line says of itself, in its first 64 characters, in ms since the epoch; `readAtMs` where
 * it says none, or one that no event may have. A time without a zone is this machine's; one without a year is
 * the newest that is not ahead by more than a day.
 */
export function lineTimeMs(line: string, readAtMs: number): number {
  const timeMs = statedTimeMs(line, readAtMs);
  if (timeMs === undefined) return readAtMs;
  const possible = timeMs > readAtMs - eventLimits.maxAgeMs && timeMs < readAtMs + eventLimits.maxAheadMs;
  return possible ? timeMs : readAtMs;
}

/** As `lineTimeMs`, but undefined where the line says no time; used to pass over what is old. */
export function statedTimeMs(line: string, readAtMs: number): number | undefined {
  const head = line.slice(0, 64);
  const timeMs = isoTime(head) ?? bsdTime(head, readAtMs);
  return timeMs === undefined || Number.isNaN(timeMs) ? undefined : timeMs;
}

function isoTime(head: string): number | undefined {
  const match = isoPattern.exec(head);
  if (match === null) return undefined;
  const [, date = '', time = '', zone = ''] = match;
  return Date.parse(`${date}T${time.replace(',', '.')}${zone}`);
}

function bsdTime(head: string, readAtMs: number): number | undefined {
  const match = bsdPattern.exec(head);
  if (match === null) return undefined;
  const [, name = '', day, hour, minute, second] = match;
  const month = months.indexOf(name);
  if (month < 0) return undefined;
  const inYear = (year: number): number =>
    new Date(year, month, Number(day), Number(hour), Number(minute), Number(second)).getTime();
  const thisYear = new Date(readAtMs).getFullYear();
  const candidate =
    inYear(thisYear + 1) <= readAtMs + eventLimits.maxAheadMs ? inYear(thisYear + 1) : inYear(thisYear);
  return candidate <= readAtMs + eventLimits.maxAheadMs ? candidate : inYear(thisYear - 1);
}
