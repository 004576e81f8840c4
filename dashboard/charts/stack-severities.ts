import type { EventStats, Severity } from '../api/answers.ts';
import { severities } from '../view/view.ts';

/** Events a second by bucket, ready to draw. All columns have the length of `startsMs`. */
export interface SeverityStack {
  readonly startsMs: readonly number[];
  /** The rate of each severity alone. */
  readonly rates: Readonly<Record<Severity, readonly number[]>>;
  /**
   * The rate of a severity and of all worse ones, mildest first: painted in this order, each over the one
   * before, they look stacked with the worst at the bottom.
   */
  readonly stacked: readonly { readonly severity: Severity; readonly rates: readonly number[] }[];
}

interface StackWindow {
  readonly fromMs: number;
  /** Now, where the window is still open. */
  readonly toMs: number;
  readonly bucketMs: number;
}

/**
 * Every bucket of the window, those without events as 0. A bucket that `toMs` cuts counts for the time that
 * it has run; one that has run for less than a third is left out, as its rate would jump.
 */
export function stackSeverities(stats: EventStats, window: StackWindow): SeverityStack {
  const counts = new Map(stats.buckets.map((bucket) => [Date.parse(bucket.start), countsOf(bucket)]));
  const startsMs: number[] = [];
  const rates: Record<Severity, number[]> = { DEBUG: [], INFO: [], WARNING: [], ERROR: [], CRITICAL: [] };
  const firstMs = Math.floor(window.fromMs / window.bucketMs) * window.bucketMs;
  for (let startMs = firstMs; startMs < window.toMs; startMs += window.bucketMs) {
    const ranMs = Math.min(window.bucketMs, window.toMs - startMs);
    if (ranMs < window.bucketMs / 3) continue;
    startsMs.push(startMs);
    for (const severity of severities) {
      rates[severity].push((counts.get(startMs)?.[severity] ?? 0) / (ranMs / 1_000));
    }
  }
  return { startsMs, rates, stacked: stackedOf(rates, startsMs.length) };
}

function stackedOf(rates: SeverityStack['rates'], length: number): SeverityStack['stacked'] {
  let below: readonly number[] = new Array<number>(length).fill(0);
  return severities
    .toReversed()
    .map((severity) => {
      const sums = below;
      below = rates[severity].map((rate, index) => rate + (sums[index] ?? 0));
      return { severity, rates: below };
    })
    .reverse();
}

function countsOf(bucket: EventStats['buckets'][number]): Partial<Record<string, number>> {
  return Object.fromEntries((bucket.groups ?? []).map(({ key, count }) => [key, count]));
}
