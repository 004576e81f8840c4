import { describe, expect, it } from 'vitest';

import { measureTriage, type RankedGroups } from './metrics.ts';
import { averagePrecision, worstRanks } from './ranking.ts';
import type { AlertRow } from './read-alerts.ts';

function row(index: number, seconds: number, host: string, event: string | null): AlertRow {
  return {
    row: index,
    sighting: { name: 'n', host, timeMs: seconds * 1000 },
    labels: { event, time: null },
  };
}

/** Groups 0 to 3: dirb on top but for a false one, a mixed one that shows two phases by halves, and noise. */
const rows = [
  row(0, 0, 'a', null),
  row(1, 1, 'b', 'dirb'),
  row(2, 2, 'b', 'dirb'),
  row(3, 3, 'c', 'scan'),
  row(4, 4, 'c', null),
  row(5, 90_000, 'd', null),
];
const ranked: RankedGroups = {
  rows,
  groupOf: Int32Array.of(0, 1, 1, 2, 2, 3),
  groups: [0, 1, 3, 90_000].map((seconds, g) => ({ openedMs: seconds * 1000, count: [1, 2, 2, 1][g] ?? 0 })),
  scores: Float64Array.of(9, 8, 7, 6),
};

describe('the metrics of triage', () => {
  it('counts a group as positive by more than half, and as showing a phase by half', () => {
    const metrics = measureTriage(ranked, 'event');
    expect(metrics).toMatchObject({ alerts: 6, groups: 4, positive: 1, ap: 0.5, lost: 0, phases: 2 });
    expect(metrics?.reads).toEqual({ dirb: 2, scan: 3 });
    expect(metrics).toMatchObject({ readsAll: 3, readsMedian: 2.5, kAll: 3 });
  });

  it('projects onto fixed units, each with its best group', () => {
    const merged = { ...ranked, groupOf: Int32Array.of(0, 0, 0, 0, 0, 1), scores: Float64Array.of(9, 1) };
    const groups = [
      { openedMs: 0, count: 5 },
      { openedMs: 90_000_000, count: 1 },
    ];
    const metrics = measureTriage({ ...merged, groups }, 'event');
    expect(metrics).toMatchObject({ ap: 1, lost: 2, readsAll: Number.NaN });
    expect(metrics?.projAp).toBeCloseTo(1 / 3, 10);
  });

  it('is null where nothing has a label of that truth', () => {
    expect(measureTriage(ranked, 'time')).toBeNull();
  });

  it('settles ties against the ranking', () => {
    expect(averagePrecision(Float64Array.of(1, 1, 1), [true, false, false])).toBeCloseTo(1 / 3, 10);
    expect([...worstRanks(Float64Array.of(5, 7, 5, 1))]).toEqual([3, 1, 3, 4]);
  });
});
