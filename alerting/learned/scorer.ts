import { scoreOfTerms } from '../score-of-terms.ts';
import type { AlertFacts, AlertScorer, LearnedLevel, Score, ScoreTerm } from '../scorer.ts';
import { statisticalTerms } from '../statistical/scorer.ts';
import { defaultWeights, type TermWeights } from '../statistical/weights.ts';

/** How much one unit of log odds counts, where the measured quantities of an alert that is told of come to 20 to 35. */
const weightOfLogOdds = 6;
/** Feedback raises a sum by no more than this: to be of use once is no emergency. */
const mostRaised = 12;
/** Feedback takes no more than this part of what the measured quantities come to; of what is critical, a half. */
const mostTaken = { critical: 0.5, other: 1 } as const;
const critical = 2;

type Part = Omit<ScoreTerm, 'points'>;

/**
 * The statistical score with what people's feedback on such alerts says: the log odds that one is of use, in terms by
 * where that is known from. Without feedback it is the statistical score, to the last bit. Feedback is bounded whatever
 * people say and however often: the weight of its terms is what keeps its sum within the bounds.
 */
export function createLearnedScorer(weights: TermWeights = defaultWeights): AlertScorer {
  return { name: 'learned', version: 1, score: (facts) => scoreOf(facts, weights) };
}

function scoreOf(facts: AlertFacts, weights: TermWeights): Score {
  const measured = statisticalTerms(facts, weights);
  const levels = facts.learned?.levels ?? [];
  if (levels.length === 0) return scoreOfTerms(measured);
  const sum = measured.reduce((total, { value, weight }) => total + value * weight, 0);
  const weight = boundedWeight(levels, sum, facts.severity);
  return scoreOfTerms([...measured, ...levels.map((level) => partOf(level, weight))]);
}

function boundedWeight(levels: readonly LearnedLevel[], sum: number, severity: number): number {
  const wanted = weightOfLogOdds * levels.reduce((total, { logOdds }) => total + logOdds, 0);
  const most = wanted > 0 ? mostRaised : -sum * (severity >= critical ? mostTaken.critical : mostTaken.other);
  return Math.abs(wanted) <= Math.abs(most) ? weightOfLogOdds : weightOfLogOdds * (most / wanted);
}

function partOf(level: LearnedLevel, weight: number): Part {
  return { name: `feedback-${level.of}`, value: level.logOdds, weight, reason: reasonOf(level) };
}

function reasonOf({ of, verdicts, noises, handled, circumstance }: LearnedLevel): string {
  if (of === 'others')
    return `${verdicts} other tenants gave feedback on such alerts, ${noises} of them mostly noise`;
  const where = {
    name: 'on any device',
    alike: `on ${circumstance ?? 'such devices'}`,
    here: 'on this device',
  }[of];
  const called = verdicts === 0 ? [] : [`marked noise ${noises} of ${verdicts} times ${where}`];
  const resolved =
    handled === 0
      ? []
      : [
          `taken up and resolved ${handled === 1 ? 'once' : `${handled} times`}${verdicts === 0 ? ` ${where}` : ''}`,
        ];
  return [...called, ...resolved].join(', ');
}
