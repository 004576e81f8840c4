import { latestMs } from './event-columns.ts';
import type { TimeRange } from './time-ranges.ts';

export interface CutOptions {
  /** Steps of time with their rows, in order; those of other gaps are left alone. */
  readonly steps: readonly { readonly fromMs: number; readonly count: number }[];
  readonly stepMs: number;
  /** How many rows a stretch takes, about. */
  readonly events: number;
}

/**
 * Cuts free time into stretches, ends not included. Before later stretches, what is left joins the last one, and a tenth
 * of a stretch is enough for one; where later time is free, what is left waits for more.
 */
export function cutGap(gap: TimeRange, { steps, stepMs, events }: CutOptions): readonly TimeRange[] {
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
  if (isLast) return ranges;
  const last = ranges.at(-1);
  if (last !== undefined) last.toMs = gap.toMs;
  else if (count > events / 10) ranges.push({ fromMs, toMs: gap.toMs });
  return ranges;
}
