import type { EventStats } from '../api/answers.ts';
import type { ExploreWindow } from './explore-state.ts';

export interface GroupStack {
  readonly startsMs: readonly number[];
  /** In the order of painting: the count of a group and of those after it, so that they look stacked. */
  readonly stacked: readonly { readonly key: string; readonly counts: readonly number[] }[];
  /** How many events each group has over the whole window. */
  readonly totals: ReadonlyMap<string, number>;
}

/** What the groups that are not named have together. */
export const otherKey = 'other';

/**
 * Every bucket of the window, those without events as 0. `order` are the keys from the top of the stack down; keys
 * that it does not name go below them, and what no group is named for on top as `other`.
 */
export function stackGroups(
  stats: EventStats,
  window: ExploreWindow,
  order: readonly string[] = [],
): GroupStack {
  const totals = totalsOf(stats);
  const ranked = [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const keys = [
    ...ranked.filter((key) => key === otherKey),
    ...order.filter((key) => totals.has(key)),
    ...ranked.filter((key) => key !== otherKey && !order.includes(key)).reverse(),
  ];
  const byStart = new Map(stats.buckets.map((bucket) => [Date.parse(bucket.start), countsOf(bucket)]));
  const startsMs: number[] = [];
  const firstMs = Math.floor(window.fromMs / window.bucketMs) * window.bucketMs;
  for (let startMs = firstMs; startMs < window.toMs; startMs += window.bucketMs) startsMs.push(startMs);
  let below: readonly number[] = startsMs.map(() => 0);
  const stacked = keys
    .toReversed()
    .map((key) => {
      const under = below;
      below = startsMs.map((startMs, i) => (byStart.get(startMs)?.get(key) ?? 0) + (under[i] ?? 0));
      return { key, counts: below };
    })
    .reverse();
  return { startsMs, stacked, totals };
}

function totalsOf({ buckets }: EventStats): Map<string, number> {
  const totals = new Map<string, number>();
  for (const bucket of buckets) {
    for (const [key, count] of countsOf(bucket)) totals.set(key, (totals.get(key) ?? 0) + count);
  }
  return totals;
}

function countsOf({ count, groups = [] }: EventStats['buckets'][number]): ReadonlyMap<string, number> {
  const counts = new Map(groups.map((group) => [group.key, group.count]));
  const named = groups.reduce((sum, group) => sum + group.count, 0);
  if (count > named) counts.set(otherKey, (counts.get(otherKey) ?? 0) + count - named);
  return counts;
}
