import { latestMs } from './event-columns.ts';
import type { Stretch } from './stretch-cover.ts';
import type { TimeRange } from './time-ranges.ts';

export interface CutOptions {
  /** Steps of time with their rows, in order; those of other gaps are left alone. */
  readonly steps: readonly { readonly fromMs: number; readonly count: number }[];
  readonly stepMs: number;
  /** How many rows a stretch takes, about. */
  readonly events: number;
  /** How many of the newest are enough for a stretch that later ones join. */
  readonly newest: number;
}

/**
 * Cuts free time into stretches, ends not included. Before later stretches, what is left joins the last one, and a tenth
 * of a stretch is enough for one; where later time is free, what is left is one when it has `newest` rows.
 */
export function cutGap(gap: TimeRange, { steps, stepMs, events, newest }: CutOptions): readonly TimeRange[] {
  const own = steps.filter(({ fromMs }) => fromMs >= gap.fromMs && fromMs < gap.toMs);
  const isLast = gap.toMs > latestMs;
  const ranges: { fromMs: number; toMs: number }[] = [];
  let fromMs = own[0]?.fromMs ?? gap.toMs;
  let count = 0;
  for (const step of own) {
    count += step.count;
    if (count < events) continue;
    const toMs = step.fromMs + stepMs;
    ranges.push({ fromMs, toMs });
    fromMs = toMs;
    count = 0;
  }
  const lastStep = own.at(-1);
  if (isLast && lastStep !== undefined && count >= newest)
    ranges.push({ fromMs, toMs: lastStep.fromMs + stepMs });
  if (isLast) return ranges;
  const last = ranges.at(-1);
  if (last !== undefined) last.toMs = gap.toMs;
  else if (count > events / 10) ranges.push({ fromMs, toMs: gap.toMs });
  return ranges;
}

/**
 * The first stretches, in order, that touch, have no late rows, count less than half of `events` each and at least that
 * many together. Empty where there are none.
 */
export function smallTogether(
  stretches: readonly Stretch[],
  countOf: ReadonlyMap<number, number>,
  events: number,
): readonly Stretch[] {
  let together: Stretch[] = [];
  let sum = 0;
  for (const stretch of stretches) {
    const count = countOf.get(stretch.stretch) ?? 0;
    const isSmall = stretch.lateFromMs === undefined && count < events / 2;
    if (!isSmall || together.at(-1)?.toMs !== stretch.fromMs) {
      together = [];
      sum = 0;
    }
    if (!isSmall) continue;
    together.push(stretch);
    sum += count;
    if (sum >= events) return together;
  }
  return [];
}
