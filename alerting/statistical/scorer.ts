import { scoreOfTerms } from '../score-of-terms.ts';
import type { AlertFacts, AlertScorer, ScoreTerm } from '../scorer.ts';
import { defaultWeights, type TermName, type TermWeights } from './weights.ts';

/** Reports within such a time make a burst: spread over more of them the same number is a steady state. */
const burstMs = 300_000;

interface Measure {
  readonly name: TermName;
  readonly value: (facts: AlertFacts) => number;
  readonly reason: (facts: AlertFacts) => string;
}

const measures: readonly Measure[] = [
  {
    name: 'rare-kind',
    value: (facts) => rarity(facts, facts.ofKind),
    reason: ({ ofKind, episodes }) =>
      `seen ${times(ofKind)} before on this host, of ${episodes} episodes in all`,
  },
  {
    name: 'rare-name',
    value: (facts) => rarity(facts, facts.ofName),
    reason: ({ ofName, episodes }) =>
      `seen ${times(ofName)} before on any host, of ${episodes} episodes in all`,
  },
  {
    name: 'quiet-host',
    value: (facts) => rarity(facts, facts.ofHost),
    reason: ({ ofHost, episodes }) => `this host had ${ofHost} of ${episodes} episodes`,
  },
  {
    name: 'heat-here',
    value: ({ heatHere }) => Math.log1p(heatHere),
    reason: ({ heatHere }) => `other surprising alerts on this host lately: heat ${heatHere.toFixed(1)}`,
  },
  {
    name: 'heat-elsewhere',
    value: ({ heatElsewhere }) => Math.log1p(heatElsewhere),
    reason: ({ heatElsewhere }) =>
      `surprising alerts on other hosts lately: heat ${heatElsewhere.toFixed(1)}`,
  },
  {
    name: 'burst',
    value: ({ count, hosts, spanMs }) => Math.log1p(count / hosts / (1 + spanMs / burstMs)),
    reason: ({ count, hosts, spanMs }) =>
      `reported ${times(count)} in ${Math.round(spanMs / 1000)} s${hosts > 1 ? ` on ${hosts} hosts` : ''}`,
  },
  {
    name: 'severity',
    value: ({ severity }) => severity,
    reason: ({ severity }) => severities[severity] ?? 'a warning or less',
  },
  {
    name: 'strength',
    value: ({ strength }) => strength,
    reason: ({ strength }) =>
      strength === 0 ? 'no rule found it' : `a rule found it, ${strength.toFixed(1)} where its limit is 1`,
  },
];

const severities = ['a warning or less', 'an error', 'critical'];

/**
 * Novelty and heat: a sum of logarithms of how rare an alert's kind, name and host are among the tenant's episodes,
 * of how much else that is surprising happens near it in time, of its burst, its severity and how far it is over a rule's limit. The sum s ≥ 0 becomes the score
 * 100 (1 − e^(−s/30)), which keeps the order, and each term's points are its part of the sum.
 */
export function createStatisticalScorer(weights: TermWeights = defaultWeights): AlertScorer {
  const score: AlertScorer['score'] = (facts) => scoreOfTerms(statisticalTerms(facts, weights));
  return { name: 'statistical', version: 2, score };
}

/** The terms of the sum, in their order. */
export function statisticalTerms(
  facts: AlertFacts,
  weights: TermWeights,
): readonly Omit<ScoreTerm, 'points'>[] {
  return measures.map(({ name, value, reason }) => ({
    name,
    value: value(facts),
    weight: weights[name],
    reason: reason(facts),
  }));
}

/** ln of how many times fewer than all episodes these are, one added for what has not been seen yet; at least 0. */
function rarity({ episodes, kinds }: AlertFacts, of: number): number {
  return Math.max(0, Math.log((episodes + kinds) / (of + 1)));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
