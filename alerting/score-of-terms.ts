import type { Score, ScoreTerm } from './scorer.ts';

/** The sum of weighted terms at which a score is 63: 1 − 1/e of 100. */
const scale = 30;
/** What is left of a sum that terms against it have used up, by the rounding of the machine alone. */
const nothing = 1e-9;

/**
 * The score that terms come to, and each one's points: with s the sum of value × weight in the order of the terms, it
 * is 100 (1 − e^(−s/30)), and 0 where s is not above 0. Who has the stored terms gets the same again, to the last bit.
 */
export function scoreOfTerms(parts: readonly Omit<ScoreTerm, 'points'>[]): Score {
  const sum = parts.reduce((total, { value, weight }) => total + value * weight, 0);
  const share = sum > nothing ? (100 * -Math.expm1(-sum / scale)) / sum : 100 / scale;
  const terms = parts.map(({ name, value, weight, reason }) => {
    return { name, value, weight, reason, points: share * weight * value };
  });
  const score = sum > nothing ? terms.reduce((total, { points }) => total + points, 0) : 0;
  return { score, terms };
}
