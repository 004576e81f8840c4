import { describe, expect, it } from 'vitest';

import type { Alert, AlertStep } from '../contracts/alert.ts';
import { hiddenByWindow, streamedAlert } from './alert.fixture.ts';
import { alertOf } from './alert-life.ts';
import { incidentsOf } from './incidents.ts';
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
