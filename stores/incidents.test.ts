import { describe, expect, it } from 'vitest';

import type { Alert, AlertStep } from '../contracts/alert.ts';
import { hiddenByWindow, streamedAlert } from './alert.fixture.ts';
import { alertOf } from './alert-life.ts';
import { incidentsOf } from './incidents.ts';
import { noiseStatsOf } from './noise-stats.ts';
import { suppressionStatsOf, wilson } from './suppression-stats.ts';

const life = {
  status: 'OPEN',
  assignee: null,
  snoozedUntilMs: null,
  resolveWhenClear: false,
  verdict: null,
  steps: [],
};

function alert(number: number, changes: Partial<Alert> = {}): Alert {
  const incident = { incidentId: 'a1', edge: null };
  const times = { firstEventTimeMs: number * 1000, lastEventTimeMs: number * 1000 + 500 };
  return { ...streamedAlert(number), ...life, status: 'OPEN', verdict: null, incident, ...times, ...changes };
}

function resolved(number: number, atMs: number): Alert {
  const step: AlertStep = {
    atMs,
    by: 't',
    action: 'resolve',
    detail: null,
    before: 'OPEN',
    after: 'RESOLVED',
  };
  return { ...alertOf({ ...alert(number), state: 'OK' }, [step], 0, atMs) };
}

describe('an incident', () => {
  it('is what its shown alerts come to', () => {
    const [found, ...others] = incidentsOf([
      alert(2, { state: 'OK', severity: 'CRITICAL', deviceId: 'd2' }),
      alert(1, { status: 'ACKNOWLEDGED' }),
      alert(3, { hidden: true, score: 99 }),
    ]);
    expect(others).toEqual([]);
    expect(found?.incident).toMatchObject({
      ...{
        incidentId: 'a1',
        title: 'trouble 2',
        severity: 'CRITICAL',
        score: 2,
        state: 'FIRING',
        status: 'OPEN',
      },
      ...{ alerts: 2, hidden: 1, deviceIds: ['d1', 'd2'], firstEventTimeMs: 1000, lastEventTimeMs: 2500 },
    });
    expect(found?.alerts.map(({ alertId }) => alertId)).toEqual(['a1', 'a2', 'a3']);
  });

  it('takes nothing up again that people resolved: what opens after that is its next part', () => {
    const parts = incidentsOf([resolved(1, 5_000), resolved(2, 6_000), alert(7), alert(8)]);
    expect(
      parts.map(({ incident, alerts }) => [incident.incidentId, incident.status, alerts.length]),
    ).toEqual([
      ['a1', 'RESOLVED', 2],
      ['a1~2', 'OPEN', 2],
    ]);
    const open = incidentsOf([resolved(1, 5_000), alert(2), alert(7)]);
    expect(open.map(({ alerts }) => alerts.length)).toEqual([3]);
  });
});

describe('what suppression did', () => {
  it('is told with how often people found it wrong, and how sure that is', () => {
    const suppressions = [hiddenByWindow(1)];
    const judged = Array.from({ length: 10 }, (_, i) =>
      alert(i, { suppressions, review: true, verdict: i === 0 ? 'useful' : 'noise' }),
    );
    const stats = suppressionStatsOf([...judged, alert(20, { suppressions, verdict: 'useful' }), alert(21)]);
    expect(stats).toMatchObject({
      hidden: 11,
      byWindow: 11,
      byParent: 0,
      total: 12,
      sampled: 10,
      reviewed: 10,
      wrong: 1,
    });
    expect(stats.falseRate?.rate).toBe(0.1);
    expect(stats.falseRate?.low).toBeCloseTo(0.0179, 3);
    expect(stats.falseRate?.high).toBeCloseTo(0.4042, 3);
    expect(suppressionStatsOf([]).falseRate).toBeNull();
    expect(wilson(0, 100).high).toBeCloseTo(0.037, 3);
  });
});

describe('how well alerts are folded and ranked', () => {
  const hourMs = 3_600_000;
  const of = (number: number, verdict: Alert['verdict'], changes: Partial<Alert> = {}): Alert =>
    alert(number, {
      verdict,
      incident: { incidentId: `i${number}`, edge: null },
      deviceId: `d${number}`,
      ...changes,
    });

  it('says what people judged it by, and nothing where they did not', () => {
    const untold = noiseStatsOf([of(1, null), of(2, null, { count: 9 })]);
    expect(untold).toMatchObject({
      reports: 10,
      incidents: 2,
      reduction: 0.8,
      missed: { of: 0, rate: null },
    });
    const within = (number: number): Partial<Alert> => ({
      incident: { incidentId: `i${number}`, edge: null },
    });
    const told = noiseStatsOf([
      of(1, 'useful'),
      of(2, 'noise', within(1)),
      of(3, 'useful', { deviceId: 'd1' }),
      of(4, 'useful', { deviceId: 'd1', firstEventTimeMs: 2 * hourMs }),
      of(5, 'noise'),
      of(6, 'useful', { hidden: true }),
    ]);
    expect(told).toMatchObject({
      precisionAtTop: { found: 3, of: 4 },
      missed: { found: 1, of: 4 },
      overMerged: { found: 1, of: 1 },
      fragmented: { found: 2, of: 4 },
    });
    expect(told.precisionAtTop.rate?.rate).toBe(0.75);
  });

  it('counts for missed what ranks below the first ten of its day', () => {
    const ranked = Array.from({ length: 12 }, (_, i) => of(i + 1, i < 2 ? 'useful' : null, { score: i }));
    expect(noiseStatsOf(ranked)).toMatchObject({ missed: { found: 2, of: 2 }, precisionAtTop: { of: 0 } });
  });
});
