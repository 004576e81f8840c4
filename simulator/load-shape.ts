/** How the offered events spread over time: at a constant rate, or with a burst every fifth second. */
export interface LoadShape {
  /** How many events are due once `elapsedMs` have passed. */
  dueBy(elapsedMs: number): number;
  /** When the event of this number is due, milliseconds from the start; the first has number 0. */
  dueMs(number: number): number;
}

const periodMs = 5_000;
const burstMs = 1_000;

/** `burst` times the rate of the other four seconds in every fifth; over five seconds the mean is `ratePerSecond`. */
export function createLoadShape(ratePerSecond: number, burst: number): LoadShape {
  const perPeriod = (ratePerSecond * periodMs) / 1000;
  const calmMs = periodMs - burstMs;
  const calmPerMs = perPeriod / (calmMs + burst * burstMs);
  const calmEvents = calmPerMs * calmMs;
  return {
    dueBy(elapsedMs) {
      const inPeriodMs = elapsedMs % periodMs;
      const burstPart = Math.max(0, inPeriodMs - calmMs) * (burst - 1);
      return Math.floor(Math.floor(elapsedMs / periodMs) * perPeriod + calmPerMs * (inPeriodMs + burstPart));
    },
    dueMs(number) {
      const inPeriod = number % perPeriod;
      const beyond = Math.max(0, inPeriod - calmEvents);
      const inPeriodMs = Math.min(inPeriod, calmEvents) / calmPerMs + beyond / (calmPerMs * burst);
      return Math.floor(number / perPeriod) * periodMs + inPeriodMs;
    },
  };
}
