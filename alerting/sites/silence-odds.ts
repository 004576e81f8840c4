/** So many gaps between a device's signs of life are known: the last ones. */
const mostGaps = 8;
/** From so many on it is known how often a device reports. */
export const leastGaps = 4;
/** Signs of life that come closer together count as one; after longer it was away. */
const shortestGapMs = 1_000;
const longestGapMs = 300_000;

/** How often a device gives signs of life: the last gaps between them in milliseconds, oldest first. */
export interface ReportingHabit {
  gaps: number[];
  /** The sign of life from which the next gap is counted; 0 before the first. */
  countedMs: number;
}

export function createHabit(gaps: readonly number[] = []): ReportingHabit {
  return { gaps: gaps.slice(-mostGaps), countedMs: 0 };
}

/** A sign of life at `nowMs`. O(1), called for each. */
export function countSign(habit: ReportingHabit, nowMs: number): void {
  const gapMs = nowMs - habit.countedMs;
  if (gapMs < shortestGapMs) return;
  habit.countedMs = nowMs;
  if (gapMs > longestGapMs) return;
  habit.gaps.push(gapMs);
  if (habit.gaps.length > mostGaps) habit.gaps.shift();
}

/**
 * The chance, in (0, 1], that a device with this habit gives no sign of life in a window of `windowMs` that begins at
 * any moment: the residual life of a renewal process (Cox, "Renewal Theory", 1962), that is the part of its time that
 * lies more than `windowMs` before the end of a gap. To the gaps that were seen comes one as long as the longest on the
 * average, exponential: nobody saw all that a device does. Exact for what comes at random and for what comes by the
 * clock, so a second of silence weighs as much as the device's own reporting makes it.
 */
export function chanceOfSilence({ gaps }: ReportingHabit, windowMs: number): number {
  let total = 0;
  let left = 0;
  let longest = shortestGapMs;
  for (const gap of gaps) {
    total += gap;
    if (gap > windowMs) left += gap - windowMs;
    if (gap > longest) longest = gap;
  }
  return (left + longest * Math.exp(-windowMs / longest)) / (total + longest);
}

/** How long ago a device that was there may have been heard last: half more than its longest gap. */
export function usualAgeMs({ gaps }: ReportingHabit): number {
  return 1.5 * Math.max(shortestGapMs, ...gaps);
}

/** ln of in how many ways `k` of `n` can be chosen: what it costs to pick the silent ones afterwards. */
export function lnChoices(n: number, k: number): number {
  let sum = 0;
  const few = Math.min(k, n - k);
  for (let i = 1; i <= few; i++) sum += Math.log((n - few + i) / i);
  return sum;
}
