import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyFacts } from '../alert-facts.fixture.ts';
import type { AlertFacts } from '../scorer.ts';
import { createStatisticalScorer } from './scorer.ts';
import { defaultWeights } from './weights.ts';

const facts: AlertFacts = {
  episodes: 1000,
  kinds: 100,
  ofKind: 0,
  ofName: 2,
  ofHost: 50,
  heatHere: 3,
  heatElsewhere: 1,
  severity: 1,
  strength: 0,
  count: 12,
  hosts: 1,
  spanMs: 60_000,
};

describe('the statistical scorer', () => {
  const scorer = createStatisticalScorer();

  it('gives 0 to 100, as the sum of its terms, and the same again from the same facts', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { score, terms } = scorer.score(given);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(terms.reduce((sum, { points }) => sum + points, 0)).toBe(score);
        expect(scorer.score(JSON.parse(JSON.stringify(given)) as AlertFacts)).toEqual({ score, terms });
      }),
    );
  });

  it('is computed again from the stored values and weights', () => {
    const { score, terms } = scorer.score(facts);
    const sum = terms.reduce((total, { value, weight }) => total + value * weight, 0);
    expect(100 * -Math.expm1(-sum / 30)).toBeCloseTo(score, 10);
    expect(Object.fromEntries(terms.map(({ name, weight }) => [name, weight]))).toEqual(defaultWeights);
  });

  it.each<[string, Partial<AlertFacts>]>([
    ['a kind that was seen before', { ofKind: 10 }],
    ['a name that others have too', { ofName: 100 }],
    ['a host that reports all the time', { ofHost: 800 }],
    ['a host without other trouble', { heatHere: 0 }],
    ['a quiet network', { heatElsewhere: 0 }],
    ['a warning', { severity: 0 }],
    ['the same reports over a day', { spanMs: 86_400_000 }],
  ])('gives less to %s', (_, change) => {
    expect(scorer.score({ ...facts, ...change }).score).toBeLessThan(scorer.score(facts).score);
  });
});
