import type { EventStats } from '../api/answers.ts';

/** The ranges of a device's page, each with the width of a stretch. */
export const pageRanges = {
  '1h': { label: '1 hour', spanMs: 3_600_000, bucket: '1m', bucketMs: 60_000 },
  '24h': { label: '24 hours', spanMs: 86_400_000, bucket: '15m', bucketMs: 900_000 },
  '7d': { label: '7 days', spanMs: 604_800_000, bucket: '2h', bucketMs: 7_200_000 },
} as const;
export type PageRange = keyof typeof pageRanges;

export interface Presence {
  readonly startsMs: readonly number[];
  readonly counts: readonly number[];
  readonly total: number;
  /** So many stretches have an event. */
  readonly reporting: number;
  /** The end of the last stretch with an event, where whole stretches passed since; null otherwise. */
  readonly silentSince: number | null;
}

/** When a device reported, stretch by stretch. */
export function presenceOf(stats: EventStats, fromMs: number, toMs: number, bucketMs: number): Presence {
  const byStart = new Map(stats.buckets.map(({ start, count }) => [Date.parse(start), count]));
  const startsMs: number[] = [];
  for (let startMs = Math.floor(fromMs / bucketMs) * bucketMs; startMs < toMs; startMs += bucketMs) {
    startsMs.push(startMs);
  }
  const counts = startsMs.map((startMs) => byStart.get(startMs) ?? 0);
  const last = counts.findLastIndex((count) => count > 0);
  // The last stretch still runs: only one that is over and empty is silence.
  const silent = last >= 0 && last < counts.length - 2;
  return {
    startsMs,
    counts,
    total: stats.total,
    reporting: counts.filter((count) => count > 0).length,
    silentSince: silent ? (startsMs[last] ?? 0) + bucketMs : null,
  };
}
