const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Silences of a host that ended: from when it was missed until it gave a sign of life, oldest first. */
export type Silences = readonly (readonly [fromMs: number, toMs: number])[];

const rememberMs = 14 * dayMs;
const mostSilences = 60;
/** A habit shows on so many days, and a silence keeps to it that begins so near to the time of day of others. */
const habitDays = 3;
const nearMs = 90 * minuteMs;
/** It may last a quarter longer than the longest of them, and ten minutes. */
const longer = 1.25;
const slackMs = 10 * minuteMs;
/** A host that is away for this share of the time is one that people close and carry: nobody misses it for three days. */
const carriedShare = 0.25;
const carriedMs = 72 * hourMs;

export function withSilence(silences: Silences, fromMs: number, toMs: number): Silences {
  return [...silences.filter(([, endMs]) => endMs > toMs - rememberMs), [fromMs, toMs] as const].slice(
    -mostSilences,
  );
}

/**
 * Until when a silence that begins at `fromMs` is nothing that is not usual for its host; null where it is unusual from
 * the start. Usual is what came on at least three days of the last two weeks: a laptop that is closed in the evening, a
 * server that restarts each night. By the host's own history alone, in the time of day of UTC: a change to summer time
 * is within what counts as near.
 */
export function usualUntilMs(silences: Silences, fromMs: number): number | null {
  const recent = silences.filter(([, endMs]) => endMs > fromMs - rememberMs);
  if (daysOf(recent) < habitDays) return null;
  const near = recent.filter(([startMs]) => isNear(startMs, fromMs));
  const carried = shareAway(recent, fromMs) >= carriedShare;
  if (!carried && daysOf(near) < habitDays) return null;
  const longestMs = Math.max(...(carried ? recent : near).map(([startMs, endMs]) => endMs - startMs));
  return fromMs + Math.max(longestMs * longer + slackMs, carried ? carriedMs : 0);
}

function daysOf(silences: Silences): number {
  return new Set(silences.map(([startMs]) => Math.floor(startMs / dayMs))).size;
}

function isNear(aMs: number, bMs: number): boolean {
  const apartMs = Math.abs(aMs - bMs) % dayMs;
  return Math.min(apartMs, dayMs - apartMs) <= nearMs;
}

/** Of the time since the first of them. */
function shareAway(silences: Silences, nowMs: number): number {
  const [[firstMs] = [nowMs]] = silences;
  const awayMs = silences.reduce((sum, [startMs, endMs]) => sum + endMs - startMs, 0);
  return nowMs > firstMs ? awayMs / (nowMs - firstMs) : 0;
}
