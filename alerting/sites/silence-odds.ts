/** So many gaps between a device's signs of life are known: the last ones. */
const mostGaps = 8;
/** From so many on it is known how often a device reports. */
export const leastGaps = 4;
/** Signs of life that come closer together count as one; after longer it was away. */
const shortestGapMs = 1_000;
const longestGapMs = 300_000;
const pauseTimes = 3;

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
export function chanceOfSilence(habit: ReportingHabit, windowMs: number): number {
  let total = 0;
  let left = 0;
  for (const gap of habit.gaps) {
    total += gap;
    if (gap > windowMs) left += gap - windowMs;
  }
  const longest = longestOf(habit);
  return (left + longest * Math.exp(-windowMs / longest)) / (total + longest);
}

/** How long ago a device that was there may have been heard last: half more than its longest gap. */
export function usualAgeMs(habit: ReportingHabit): number {
  return 1.5 * longestOf(habit);
}

/**
 * Whether silence for so long is a pause: three times its longest gap. O(1), called for each sign of life, most of which
 * follow the one before within no time.
 */
export function isPause(habit: ReportingHabit, quietMs: number): boolean {
  return quietMs >= pauseTimes * shortestGapMs && quietMs >= pauseTimes * longestOf(habit);
}

function longestOf({ gaps }: ReportingHabit): number {
  let longest = shortestGapMs;
  for (const gap of gaps) if (gap > longest) longest = gap;
  return longest;
}

/** ln of in how many ways `k` of `n` can be chosen: what it costs to pick the silent ones afterwards. */
export function lnChoices(n: number, k: number): number {
  let sum = 0;
  const few = Math.min(k, n - k);
  for (let i = 1; i <= few; i++) sum += Math.log((n - few + i) / i);
  return sum;
}
