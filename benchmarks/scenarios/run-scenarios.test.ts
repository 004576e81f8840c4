import { describe, expect, it } from 'vitest';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { Judge, type Target } from './judge.ts';
import { makePlan } from './make-plan.ts';
import type { Cause } from './plan.ts';
import { runScenarios } from './run-scenarios.ts';

const options = { seed: 3, days: 5, devices: 20, technicians: 1 };

describe('a plan', () => {
  it('is the same for the same seed, has every trouble, and another for another seed', () => {
    const plan = makePlan(options);
    expect(JSON.stringify(plan)).toBe(JSON.stringify(makePlan(options)));
    expect(JSON.stringify(plan)).not.toBe(JSON.stringify(makePlan({ ...options, seed: 4 })));
    const kinds = plan.causes.filter(({ page }) => page).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual([
      ...['bad update', 'brute-force logins', 'cloned device id', 'disk filling', 'failed backup'],
      ...['flapping service', 'not back after the patch window', 'site uplink lost'],
    ]);
  });
});

describe('judging', () => {
  const about = { page: true, deviceIds: new Set(['d1']), fromMs: 600_000, toMs: 1_200_000 };
  const cause: Cause = { ...about, causeId: 'disk 1', kind: 'disk', signs: /disk/ };
  const target: Target = { minScore: 0, minSeverity: 'WARNING' };
  const disk = (number: number, changes = {}) =>
    streamedAlert(number, {
      fingerprint: { ruleId: 'disk', version: 1, fields: { name: 'x', host: 'd1' } },
      firstEventTimeMs: 700_000,
      ...changes,
    });

  function judged(...alerts: readonly ReturnType<typeof disk>[]) {
    const judge = new Judge([cause], [target]);
    for (const [i, alert] of alerts.entries()) judge.take(alert, 700_000 + i * 5_000);
    return judge.judged(target);
  }

  it('takes the first page of a cause for it, with the time since it could be told', () => {
    const { pages, missed, surfacedAfterMs, repeated } = judged(disk(1), disk(2));
    expect(pages.map(({ causes }) => causes)).toEqual([['disk 1'], ['disk 1']]);
    expect(missed).toEqual([]);
    expect([...surfacedAfterMs]).toEqual([['disk 1', 100_000]]);
    expect(repeated).toBe(1);
  });

  it.each([
    ['no alert', [disk(1, { deviceId: 'd2' })]],
    ['hidden', [disk(1, { hidden: true })]],
    ['not told by this target', [disk(1, { severity: 'INFO' })]],
  ])('misses a cause and says why: %s', (why, alerts) => {
    expect(judged(...alerts).missed).toMatchObject([{ causeId: 'disk 1', why }]);
  });

  it('misses a cause that came into an incident that was told of before it', () => {
    const judge = new Judge([cause], [target]);
    const of = { incident: { incidentId: 'a1', edge: null } };
    judge.take(streamedAlert(1, { ...of, deviceId: 'd1', firstEventTimeMs: 0 }), 1_000);
    judge.take(disk(2, of), 700_000);
    expect(judge.judged(target).missed).toMatchObject([{ why: 'in an incident told of before' }]);
  });
});

it('finds every trouble of a small fleet by the rules that every tenant starts with', async () => {
  const report = await runScenarios({ ...options, stepMs: 15_000 });
  expect(report.deadLetters).toBe(0);
  expect(report.missed).toEqual([]);
  expect(report.figures[0]).toMatchObject({ minSeverity: 'ERROR', minScore: 0, recall: 1, overMerged: 0 });
  expect(report.hiddenAlerts).toBeGreaterThan(0);
}, 120_000);
