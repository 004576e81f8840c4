import type { BenchReport } from '../report.ts';

/** One step of a ramp: a rate that was offered, and whether the platform kept it. */
export interface RampStep {
  readonly ratePerSecond: number;
  readonly kept: boolean;
  readonly report: BenchReport;
}

export interface RampOptions {
  readonly fromPerSecond: number;
  /** Offers one rate for a while to a fresh platform. */
  readonly offer: (
    ratePerSecond: number,
  ) => Promise<{ readonly kept: boolean; readonly report: BenchReport }>;
  /** The search ends when the answer is known to this share. */
  readonly precision?: number;
}

const growth = 1.5;
const highestPerSecond = 10_000_000;

/**
 * Finds the highest rate that is kept: half as much again until one is not, then between the two by halves. The last
 * kept step is the answer; none is kept where the first rate is too high already.
 */
export async function ramp({ fromPerSecond, offer, precision = 0.05 }: RampOptions): Promise<RampStep[]> {
  const steps: RampStep[] = [];
  const attempt = async (ratePerSecond: number): Promise<boolean> => {
    const step = { ratePerSecond, ...(await offer(ratePerSecond)) };
    steps.push(step);
    return step.kept;
  };
  let kept = 0;
  let rate = fromPerSecond;
  while (rate <= highestPerSecond && (await attempt(rate))) {
    kept = rate;
    rate = Math.round(rate * growth);
  }
  let refused = rate;
  while (kept > 0 && refused - kept > kept * precision) {
    const middle = Math.round((kept + refused) / 2);
    if (await attempt(middle)) kept = middle;
    else refused = middle;
  }
  return steps;
}

/** The step with the highest rate that was kept. */
export function highestKept(steps: readonly RampStep[]): RampStep | undefined {
  return steps.filter((step) => step.kept).sort((a, b) => b.ratePerSecond - a.ratePerSecond)[0];
}
