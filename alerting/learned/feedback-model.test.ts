import { describe, expect, it } from 'vitest';

import type { AlertFeedback, AlertOutcome } from '../../contracts/alert-feedback.ts';
import { createCells } from '../grouping/cells.ts';
import type { LearnedFacts } from '../scorer.ts';
import { expireLearning } from './alert-memory.ts';
import { FeedbackModel } from './feedback-model.ts';

const nowMs = 1_760_000_000_000;
const dayMs = 86_400_000;
const subject = { name: 'rule device-silent', host: 'd1', ruleId: 'device-silent', circumstance: 'at night' };

function said(
  alert: number,
  outcome: AlertOutcome | null,
  changes: Partial<AlertFeedback> = {},
): AlertFeedback {
  return { alertId: `a${alert}`, steps: 1, outcome, atMs: nowMs, ...subject, ...changes };
}

const logOdds = ({ levels }: LearnedFacts): number => levels.reduce((sum, level) => sum + level.logOdds, 0);

describe('what is learned from feedback', () => {
  it('says nothing where nobody said anything', () => {
    expect(new FeedbackModel('acme', createCells()).factsOf(subject, nowMs)).toEqual({
      model: 0,
      levels: [],
    });
  });

  it('names what it knows from where, and knows the most of the same name on the same host', () => {
    const model = new FeedbackModel('acme', createCells());
    for (const i of [1, 2, 3, 4]) model.take(said(i, 'noise'), true);
    model.take(said(5, 'useful'), true);
    model.take(said(6, 'handled'), true);
    const here = model.factsOf(subject, nowMs);
    expect(here.model).toBe(6);
    expect(here.levels).toMatchObject([
      { of: 'name', verdicts: 5, noises: 4, handled: 1 },
      { of: 'alike', verdicts: 5, noises: 4, circumstance: 'at night' },
      { of: 'here', verdicts: 5, noises: 4 },
    ]);
    const there = model.factsOf({ ...subject, host: 'd2', circumstance: 'by day' }, nowMs);
    expect(there.levels.map(({ of }) => of)).toEqual(['name']);
    expect(logOdds(here)).toBeLessThan(logOdds(there));
    expect(logOdds(there)).toBeLessThan(0);
  });

  it('takes the same again, and an older one, for nothing', () => {
    const model = new FeedbackModel('acme', createCells());
    model.take(said(1, 'noise', { steps: 3 }), true);
    const once = model.factsOf(subject, nowMs);
    for (const steps of [3, 1]) model.take(said(1, 'useful', { steps }), true);
    expect(model.factsOf(subject, nowMs)).toEqual(once);
  });

  it('takes a verdict back where another takes its place, or none', () => {
    const model = new FeedbackModel('acme', createCells());
    model.take(said(1, 'noise'), true);
    model.take(said(1, 'useful', { steps: 2, atMs: nowMs + dayMs }), true);
    expect(model.factsOf(subject, nowMs + dayMs).levels[0]).toMatchObject({ verdicts: 1, noises: 0 });
    expect(logOdds(model.factsOf(subject, nowMs + dayMs))).toBeGreaterThan(0);
    model.take(said(1, null, { steps: 3, atMs: nowMs + 2 * dayMs }), true);
    expect(model.factsOf(subject, nowMs + 2 * dayMs).levels).toEqual([]);
  });

  it('fades: what nobody says any more does not stay out of sight, and is forgotten', () => {
    const cells = createCells();
    const model = new FeedbackModel('acme', cells);
    for (const i of [1, 2, 3, 4]) model.take(said(i, 'noise'), true);
    const later = logOdds(model.factsOf(subject, nowMs + 60 * dayMs));
    expect(later).toBeGreaterThan(logOdds(model.factsOf(subject, nowMs)) / 1.5);
    for (const prefix of ['acme/', '/']) {
      const known = [...cells.entries()].filter(([key]) => key.startsWith(prefix));
      expireLearning(cells, prefix, known, nowMs + 91 * dayMs);
    }
    expect([...cells.entries()].map(([key]) => key).sort()).toEqual(['/learned', 'acme/learned']);
    expect(cells.get('acme/learned')).toMatchObject({ judged: 0, told: 0 });
  });

  it('starts from what at least three other tenants say of the same rule, none of them above its bound', () => {
    const cells = createCells();
    const model = new FeedbackModel('acme', cells);
    const of = (tenant: number, times: number, outcome: AlertOutcome): void => {
      for (let i = 0; i < times; i++)
        new FeedbackModel(`t${tenant}`, cells).take(
          said(tenant * 1000 + i, outcome, { name: 'rule x' }),
          false,
        );
    };
    of(1, 500, 'noise');
    of(2, 1, 'useful');
    expect(model.factsOf(subject, nowMs).levels).toEqual([]);
    of(3, 2, 'useful');
    const { levels } = model.factsOf(subject, nowMs);
    expect(levels).toMatchObject([{ of: 'others', verdicts: 3, noises: 1 }]);
    expect(levels[0]?.logOdds, 'three useful against three of five hundred').toBeCloseTo(0, 5);
    expect(model.factsOf({ ...subject, ruleId: 'other' }, nowMs).levels).toEqual([]);
  });
});
