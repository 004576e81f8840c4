const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A date-time without its zone, for the one mistake that deserves its own message. */
const zoneless = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

export function lacksZone(text: string): boolean {
  return zoneless.test(text);
}

/**
 * Milliseconds since the epoch of an RFC 3339 date-time (section 5.6), NaN for anything else. Digits beyond
 * the millisecond are cut off; a leap second counts as the first second after it.
 */
export function parseRfc3339(text: string): number {
  if (text.length < 20 || !hasMarks(text)) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const inRange =
    month >= 1 && month <= 12 && day >= 1 && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
  if (!inRange || !(year >= 0) || !(second >= 0 && second <= 60)) return Number.NaN;
  if (day > 28 && day > daysIn(year, month)) return Number.NaN;
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 0x2e) {
    const from = ++at;
    let scale = 100;
    for (; isDigit(text.charCodeAt(at)); at++) {
      ms += (text.charCodeAt(at) - 0x30) * scale;
      scale = scale > 1 ? scale / 10 : 0;
    }
    if (at === from) return Number.NaN;
  }
  const localMs =
    dayNumber(year, month, day) * dayMs + hour * 3_600_000 + minute * minuteMs + second * 1000 + ms;
  return localMs - offsetMs(text, at);
}

/** Milliseconds that local time is ahead of UTC, from the zone at `at`; NaN where it is none. */
function offsetMs(text: string, at: number): number {
  const mark = text.charCodeAt(at);
  if (mark === 0x5a || mark === 0x7a) return text.length === at + 1 ? 0 : Number.NaN;
  if ((mark !== 0x2b && mark !== 0x2d) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 0x3a) {
    return Number.NaN;
  }
  const hour = digits(text, at + 1, at + 3);
  const minute = digits(text, at + 4, at + 6);
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) return Number.NaN;
  return (mark === 0x2b ? 1 : -1) * (hour * 60 + minute) * minuteMs;
}

function hasMarks(text: string): boolean {
  const t = text.charCodeAt(10);
  return (
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    (t === 0x54 || t === 0x74) &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a
  );
}

/** The number that `text[start, end)` spells; NaN where a character is no digit. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 0x30;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar: years are counted from March, in eras of 400. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
