import type { Zone } from '../view/preference-store.ts';

const clocks = { local: clockIn(undefined), utc: clockIn('UTC') };
const minutes = { local: minuteIn(undefined), utc: minuteIn('UTC') };
const dates = { local: dateIn(undefined), utc: dateIn('UTC') };

function clockIn(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' });
}
function minuteIn(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}
function dateIn(timeZone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
}

/** The time of day: `12:03:40`. */
export function formatClock(timeMs: number, zone: Zone): string {
  return clocks[zone].format(timeMs);
}

/** The time of day without seconds: `12:03`. */
export function formatMinute(timeMs: number, zone: Zone): string {
  return minutes[zone].format(timeMs);
}

/** The time of day where it is of this day, otherwise the day and the minute: `11-22 12:03`. */
export function formatListed(timeMs: number, nowMs: number, zone: Zone): string {
  const day = dates[zone].format(timeMs);
  if (day === dates[zone].format(nowMs)) return formatClock(timeMs, zone);
  return `${day.slice(5)} ${formatMinute(timeMs, zone)}`;
}

/** The whole moment, to be read on hover: `2026-11-22 12:03:40 UTC`. */
export function formatExact(timeMs: number, zone: Zone): string {
  return `${dates[zone].format(timeMs)} ${formatClock(timeMs, zone)} ${zone === 'utc' ? 'UTC' : 'local time'}`;
}

/** How long ago, coarsely: `now`, `12 s ago`, `4 min ago`, `3 h ago`, `9 d ago`. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - timeMs) / 1_000);
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
