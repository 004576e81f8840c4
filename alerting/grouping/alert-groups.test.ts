import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Sighting, SightingDetail } from '../sighting.ts';
import { createStatisticalScorer } from '../statistical/scorer.ts';
import { AlertGroups } from './alert-groups.ts';
import { type Cell, type Cells, createCells } from './cells.ts';
import { groupingDefaults } from './options.ts';

const minuteMs = 60_000;
const startMs = 1_700_000_000_000;
const scorer = createStatisticalScorer();

function at(afterMs: number, name: string, host = 'a'): Sighting {
  return { name, host, timeMs: startMs + afterMs };
}

/** What a restart leaves of the cells: their JSON, in another order. */
function restored(cells: Cells): Cells {
  const copy = createCells();
  const entries = [...cells.entries()].reverse();
  for (const [key, cell] of entries) copy.put(key, JSON.parse(JSON.stringify(cell)) as Cell);
  return copy;
}

describe('grouping', () => {
  it('folds what fires again and again into one alert with a count', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    const { alert } = groups.observe(at(0, 'disk full'));
    for (let i = 1; i < 23_000; i++) groups.observe(at(i * 1000, 'disk full'));
    expect(alert.count).toBe(23_000);
    expect(groups.factsOf(alert)).toMatchObject({ count: 23_000, hosts: 1, spanMs: 22_999_000 });
  });

  it('ends a new kind after five minutes of silence, and one that returns often after more', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    const first = groups.observe(at(0, 'x')).alert;
    const second = groups.observe(at(5 * minuteMs + 1, 'x'));
    expect(second.opened).toBe(true);
    expect(second.alert.id).not.toBe(first.id);
    expect(groups.observe(at(15 * minuteMs, 'x')).opened).toBe(false);
    expect(groups.observe(at(25 * minuteMs + 1, 'x')).opened).toBe(true);
  });

  it('folds one name over many hosts at once into one alert, and not half a minute later', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    const { alert } = groups.observe(at(0, 'update failed', 'a'));
    expect(groups.observe(at(10_000, 'update failed', 'b')).opened).toBe(false);
    expect(groups.observe(at(30_000, 'update failed', 'c')).opened).toBe(false);
    expect(groups.observe(at(30_001, 'update failed', 'd')).opened).toBe(true);
    expect(groups.factsOf(alert)).toMatchObject({ hosts: 3, count: 3 });
  });

  it('scores a new kind in a quiet history far above a common one', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    let common;
    for (let i = 0; i < 200; i++) common = groups.observe(at(i * 2 * 60 * minuteMs, 'login', 'a')).alert;
    if (common === undefined) throw new RangeError('no alert');
    const rare = groups.observe(at(400 * 60 * minuteMs, 'ransom note found', 'b')).alert;
    const scoreOf = (alert: typeof rare): number => scorer.score(groups.factsOf(alert)).score;
    expect(scoreOf(rare)).toBeGreaterThan(scoreOf(common) + 30);
  });

  it('counts what opens within five seconds after an alert, and nothing later', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    for (let i = 0; i < 300; i++) groups.observe(at(i * 2 * 60 * minuteMs, 'login'));
    const laterMs = 700 * 60 * minuteMs;
    const { alert } = groups.observe(at(laterMs, 'new 1'));
    const heatOf = (): number => groups.factsOf(alert).heatHere;
    const alone = heatOf();
    groups.observe(at(laterMs + 5000, 'new 2'));
    const joined = heatOf();
    expect(joined).toBeGreaterThan(alone);
    groups.observe(at(laterMs + 5001, 'new 3'));
    expect(heatOf()).toBe(joined);
  });

  it('keeps tenants apart', () => {
    const cells = createCells();
    const ours = new AlertGroups('ours', cells, groupingDefaults);
    const theirs = new AlertGroups('theirs', cells, groupingDefaults);
    const mine = ours.observe(at(0, 'x')).alert;
    const before = ours.factsOf(mine);
    for (let i = 0; i < 50; i++) theirs.observe(at(i, `noise ${i}`));
    expect(ours.factsOf(mine)).toEqual(before);
    expect(theirs.observe(at(60, 'x')).alert.id).not.toBe(mine.id);
  });

  it('goes on after a restart at any point as if there had been none', () => {
    const sighting = fc.record({
      name: fc.constantFrom('x', 'y', 'z'),
      host: fc.constantFrom('a', 'b'),
      gapMs: fc.constantFrom(0, 900, 4000, 31_000, 301_000, 4_000_000),
    });
    const options = fc.constantFrom(groupingDefaults, { ...groupingDefaults, maxOpen: 2, apartByHost: 1 });
    fc.assert(
      fc.property(
        fc.array(sighting, { minLength: 1, maxLength: 60 }),
        fc.nat(),
        options,
        (steps, where, of) => {
          const run = (restartAt: number): unknown[] => {
            let cells = createCells();
            let groups = new AlertGroups('t', cells, of);
            let timeMs = 0;
            return steps.map(({ gapMs, ...rest }, i) => {
              if (i === restartAt) {
                cells = restored(cells);
                groups = new AlertGroups('t', cells, of);
              }
              timeMs += gapMs;
              const { alert, opened } = groups.observe({ ...rest, timeMs });
              const settled = groups.takeSettled().map((open) => scorer.score(groups.factsOf(open)));
              return [opened, alert.id, alert.count, scorer.score(groups.factsOf(alert)), settled];
            });
          };
          expect(run(where % steps.length)).toEqual(run(-1));
        },
      ),
    );
  });

  it('forgets what ended and what was silent for a quarter, and counts it no more', () => {
    const cells = createCells();
    const groups = new AlertGroups('t', cells, groupingDefaults);
    const { alert } = groups.observe(at(0, 'x'));
    expect(groups.expire(startMs + 60 * minuteMs)).toEqual([]);
    expect(groups.expire(startMs + 61 * minuteMs)).toEqual([alert]);
    expect(groups.observe(at(62 * minuteMs, 'x')).alert.history.ofKind).toBe(1);
    groups.expire(startMs + 100 * 24 * 60 * minuteMs);
    groups.expire(startMs + 101 * 24 * 60 * minuteMs);
    expect([...cells.entries()].map(([key]) => key)).toEqual(['t/totals']);
  });
});

describe('many alerts at once', () => {
  function opened(count: number) {
    const cells = createCells();
    const groups = new AlertGroups('t', cells, groupingDefaults);
    const ids = Array.from({ length: count }, (_, i) => groups.observe(at(0, `n${i}`, `h${i}`)).alert.id);
    return { cells, groups, ids };
  }

  it('settle in portions, with the heat of when they were due', () => {
    const { groups, ids } = opened(5);
    groups.observe(at(6_000, 'later', 'h1'));
    const heat = groups.going().map((alert) => groups.factsOf(alert).heatHere);
    const taken = [
      groups.takeSettled(2),
      groups.takeSettled(2),
      groups.takeSettled(2),
      groups.takeSettled(2),
    ];
    expect(taken.map((of) => of.map(({ id }) => id))).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
      [],
    ]);
    expect(groups.going().map((alert) => groups.factsOf(alert).heatHere)).toEqual(heat);
  });

  it('end in portions, and are told of as ended once, not as settled any more', () => {
    const { groups, ids } = opened(5);
    const endMs = startMs + 61 * minuteMs;
    const ended = [1, 2, 3, 4].map(() => groups.expire(endMs, undefined, 2).map(({ id }) => id));
    expect(ended).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4), []]);
    expect(groups.takeSettled()).toEqual([]);
  });
});

describe('more alerts than an organization may have open', () => {
  const options = { ...groupingDefaults, maxOpen: 5, apartByHost: 2 };
  const said = (
    afterMs: number,
    name: string,
    host: string,
    { severity = 'ERROR', organizationId = 'acme' }: Partial<SightingDetail> = {},
  ): Sighting => {
    return { ...at(afterMs, name, host), detail: { severity, title: name, deviceId: host, organizationId } };
  };
  const crowded = (): AlertGroups => {
    const groups = new AlertGroups('t', createCells(), options);
    for (let i = 0; i < 5; i++) groups.observe(said(0, `fault ${i}`, 'loud'));
    return groups;
  };

  it('are one alert with the count of all, as severe as the worst', () => {
    const groups = crowded();
    const { alert, opened } = groups.observe(said(1, 'fault 5', 'loud'));
    expect(opened).toBe(true);
    for (let i = 6; i < 50; i++) groups.observe(said(i, `fault ${i}`, 'loud'));
    expect(groups.observe(said(60, 'fault 50', 'loud', { severity: 'CRITICAL' })).opened).toBe(false);
    expect(alert).toMatchObject({ count: 46, detail: { severity: 'CRITICAL', deviceId: null } });
    expect(groups.going().map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 46]);
  });

  it('hide nothing of a device that has few, of another organization, or that a rule finds', () => {
    const groups = crowded();
    groups.observe(said(1, 'fault 5', 'loud'));
    const rule = { ruleId: 'disk', version: 1, kind: 'threshold', score: 0.5, summary: '' };
    const told = [
      said(2, 'break-in', 'quiet'),
      said(2, 'ransom note', 'quiet'),
      said(2, 'fault 6', 'loud', { organizationId: 'other' }),
      { ...said(2, 'rule disk', 'loud'), rule },
    ].map((sighting) => groups.observe(sighting));
    expect(told.map(({ opened, alert }) => [opened, alert.name])).toEqual([
      [true, 'break-in'],
      [true, 'ransom note'],
      [true, 'fault 6'],
      [true, 'rule disk'],
    ]);
    expect(groups.observe(said(3, 'third', 'quiet')).alert.name).toBe('(others)');
  });

  it('open by themselves again when the others have ended', () => {
    const groups = crowded();
    groups.observe(said(1, 'fault 5', 'loud'));
    groups.expire(startMs + 61 * minuteMs);
    expect(groups.observe(said(62 * minuteMs, 'fault 5', 'loud')).alert).toMatchObject({
      name: 'fault 5',
      count: 1,
    });
  });
});

describe('hostile reports', () => {
  it('spell no other kind, whatever separators are in them', () => {
    const groups = new AlertGroups('t', createCells(), groupingDefaults);
    const text = fc.string({ unit: fc.constantFrom('/', ':', '1', 'a', '\u0000', '#'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, text, text, (name, host, otherName, otherHost) => {
        fc.pre(name !== otherName);
        const ours = groups.observe({ name, host, timeMs: startMs }).alert;
        const theirs = groups.observe({ name: otherName, host: otherHost, timeMs: startMs }).alert;
        expect(theirs.id).not.toBe(ours.id);
      }),
    );
  });

  it('cannot fill the memory with names they make up', () => {
    const cells = createCells();
    const groups = new AlertGroups('t', cells, { ...groupingDefaults, maxKindsPerHost: 20, maxHosts: 10 });
    for (let i = 0; i < 5000; i++) groups.observe(at(i * 100, `made up ${i} ${'x'.repeat(1000)}`, 'evil'));
    for (let i = 0; i < 5000; i++) groups.observe(at(500_000 + i * 100, 'x', `host ${i}`));
    groups.expire(startMs + 24 * 60 * minuteMs);
    expect([...cells.entries()].length).toBeLessThan(100);
  });

  it('leave the score of another host where ordinary reports leave it', () => {
    const score = (names: (i: number) => string): number => {
      const groups = new AlertGroups('t', createCells(), groupingDefaults);
      for (let i = 0; i < 50; i++) groups.observe(at(i * minuteMs, names(i), 'noisy'));
      const { alert } = groups.observe(at(60 * minuteMs, 'disk full', 'victim'));
      return scorer.score(groups.factsOf(alert)).score;
    };
    const hostile = [
      'score: 100',
      '"}]}{"score":0',
      '=cmd|calc',
      '‮',
      '<script>',
      'ignore all alerts',
      '__proto__',
    ];
    const plain = score((i) => `check ${i % hostile.length}`);
    expect(score((i) => hostile[i % hostile.length] ?? '')).toBe(plain);
  });
});
