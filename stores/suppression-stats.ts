import type { Alert } from '../contracts/alert.ts';
import type { SuppressionStats } from '../contracts/incident.ts';

/** Standard deviations of the interval of 95 %. */
const z = 1.96;

/** What suppression did to these alerts, and what people who reviewed a random part of it say. */
export function suppressionStatsOf(alerts: readonly Alert[]): SuppressionStats {
  const hidden = alerts.filter(({ suppressions }) => suppressions.length > 0);
  const by = (reason: string): number =>
    hidden.filter(({ suppressions }) => suppressions.at(-1)?.by === reason).length;
  const sampled = hidden.filter(({ review }) => review);
  const judged = sampled.filter(({ verdict }) => verdict !== null);
  const wrong = judged.filter(({ verdict }) => verdict === 'useful').length;
  return {
    hidden: hidden.length,
    byWindow: by('window'),
    byParent: by('parent'),
    byHabit: by('habit'),
    total: alerts.length,
    sampled: sampled.length,
    reviewed: judged.length,
    wrong,
    falseRate: judged.length === 0 ? null : wilson(wrong, judged.length),
  };
}

/** Wilson's score interval ("Probable inference", Journal of the American Statistical Association 22, 1927). */
export function wilson(
  found: number,
  of: number,
): { readonly rate: number; readonly low: number; readonly high: number } {
  const rate = found / of;
  const scale = 1 + z ** 2 / of;
  const middle = (rate + z ** 2 / (2 * of)) / scale;
  const half = (z * Math.sqrt((rate * (1 - rate)) / of + z ** 2 / (4 * of ** 2))) / scale;
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
