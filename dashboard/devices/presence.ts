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
}

/** When there were events of a device, stretch by stretch. */
export function presenceOf(stats: EventStats, fromMs: number, toMs: number, bucketMs: number): Presence {
  const byStart = new Map(stats.buckets.map(({ start, count }) => [Date.parse(start), count]));
  const startsMs: number[] = [];
  for (let startMs = Math.floor(fromMs / bucketMs) * bucketMs; startMs < toMs; startMs += bucketMs) {
    startsMs.push(startMs);
  }
  const counts = startsMs.map((startMs) => byStart.get(startMs) ?? 0);
  return {
    startsMs,
    counts,
    total: stats.total,
    reporting: counts.filter((count) => count > 0).length,
  };
}
