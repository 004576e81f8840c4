import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyFacts } from '../alert-facts.fixture.ts';
import { scoreOfTerms } from '../score-of-terms.ts';
import type { AlertFacts, LearnedLevel } from '../scorer.ts';
import { createStatisticalScorer } from '../statistical/scorer.ts';
import { createLearnedScorer } from './scorer.ts';

const anyLevels = fc.array(
  fc.record({
    of: fc.constantFrom('others', 'name', 'alike', 'here'),
    logOdds: fc.double({ min: -8, max: 8, noNaN: true }),
    ...{ verdicts: fc.nat(9), noises: fc.nat(9), handled: fc.nat(9) },
  }) satisfies fc.Arbitrary<LearnedLevel>,
  { maxLength: 4 },
);

describe('the learned scorer', () => {
  const statistical = createStatisticalScorer();
  const scorer = createLearnedScorer();
  const learning = (facts: AlertFacts, levels: readonly LearnedLevel[]) =>
    scorer.score({ ...facts, learned: { model: 1, levels } });

  it('gives the statistical score, to the last bit, where nobody said anything', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(scorer.score(facts)).toEqual(statistical.score(facts));
        expect(learning(facts, [])).toEqual(statistical.score(facts));
      }),
    );
  });

  it('is computed again from its stored terms, to the last bit, and its points add up', () => {
    fc.assert(
      fc.property(anyFacts, anyLevels, (facts, levels) => {
        const scored = learning(facts, levels);
        const stored = JSON.parse(JSON.stringify(scored.terms)) as typeof scored.terms;
        expect(scoreOfTerms(stored).score).toBe(scored.score);
        expect(stored.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(scored.score, 9);
      }),
    );
  });

  it('takes no more than half of what is critical, and raises by little, whatever people say', () => {
    fc.assert(
      fc.property(anyFacts, anyLevels, (facts, levels) => {
        const sumOf = (score: number): number => -30 * Math.log1p(-Math.min(score, 99.999) / 100);
        const [said, measured] = [learning(facts, levels).score, statistical.score(facts).score];
        if (facts.severity === 2) expect(sumOf(said)).toBeGreaterThanOrEqual(sumOf(measured) / 2 - 1e-6);
        if (measured < 99) expect(sumOf(said)).toBeLessThanOrEqual(sumOf(measured) + 12 + 1e-6);
        expect(said).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
