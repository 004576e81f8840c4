import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createAbsence } from './absence.ts';
import { createCondition, type FieldValue } from './condition.ts';
import { createPattern } from './pattern.ts';
import { createRate } from './rate.ts';
import {
  absenceRuleSchema,
  patternRuleSchema,
  rateRuleSchema,
  thresholdRuleSchema,
} from '../../../contracts/alert-rule.ts';
import { createThreshold } from './threshold.ts';

describe('a condition', () => {
  it('holds where CEL says so', () => {
    const condition = createCondition(
      'value > 90 && name.startsWith("system.cpu") && labels.exists(l, l == "prod")',
    );
    expect(condition.holds({ value: 91, name: 'system.cpu.utilization', labels: ['prod'] })).toBe(true);
    expect(condition.holds({ value: 90, name: 'system.cpu.utilization', labels: ['prod'] })).toBe(false);
  });

  it('does not hold where a field is missing or of another type', () => {
    expect(createCondition('value > 90').holds({})).toBe(false);
    expect(createCondition('value > 90').holds({ value: 'high' })).toBe(false);
    expect(createCondition('name').holds({ name: 'x' })).toBe(false);
  });

  it('says where it is no CEL', () => {
    expect(() => createCondition('value >')).toThrow("The condition 'value >' is no CEL: ");
    expect(() => createCondition(`"${'x'.repeat(2_000)}" == name`)).toThrow('at most 2000 characters');
  });

  it('never throws for what a device can send', () => {
    const condition = createCondition('message.matches("(a+)+$") || data.a.b[0] == "x" || value * 2 > size');
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => value as FieldValue);
    fc.assert(
      fc.property(json, json, json, (message, data, value) => {
        expect(typeof condition.holds({ message, data, value })).toBe('boolean');
      }),
    );
    expect(condition.holds({ message: `${'a'.repeat(50_000)}!` })).toBe(false);
  });
});

describe('threshold', () => {
  const threshold = createThreshold(
    thresholdRuleSchema.parse({ kind: 'threshold', metric: 'm', above: 90, forMs: 60_000, margin: 10 }),
  );
  const fired = (values: readonly (readonly [number, number])[]): readonly number[] => {
    const state = threshold.create();
    return values.flatMap(([timeMs, value]) =>
      threshold.observe(state, { timeMs, value }) === null ? [] : timeMs,
    );
  };

  it('fires once, when the value has been over the limit long enough', () => {
    expect(
      fired([
        [0, 95],
        [59_999, 95],
        [60_000, 95],
        [90_000, 99],
      ]),
    ).toEqual([60_000]);
  });

  it('fires again only after the value came back by the margin', () => {
    expect(
      fired([
        [0, 95],
        [60_000, 95],
        [70_000, 85],
        [140_000, 95],
      ]),
    ).toEqual([60_000]);
    expect(
      fired([
        [0, 95],
        [60_000, 95],
        [70_000, 80],
        [80_000, 95],
        [140_000, 95],
      ]),
    ).toEqual([60_000, 140_000]);
  });

  it('does not take NaN for a value', () => {
    expect(
      fired([
        [0, 95],
        [30_000, NaN],
        [60_000, 95],
      ]),
    ).toEqual([60_000]);
  });

  it('refuses a rule without a limit', () => {
    expect(thresholdRuleSchema.safeParse({ kind: 'threshold' }).success).toBe(false);
  });
});

describe('absence', () => {
  const rule = absenceRuleSchema.parse({ kind: 'absence', everyMs: 60, lateMs: 30, noDataMs: 300 });
  const absence = createAbsence(rule);

  it('goes from ok to late to no data, saying each once, and back by a report', () => {
    const state = absence.create();
    expect(state.status).toBe('no-data');
    expect(absence.check(state, 1_000_000)).toBeNull();
    absence.observe(state, { timeMs: 0, firing: false });
    const seen = [89, 90, 100, 359, 360, 9_999].map((nowMs) => [
      absence.check(state, nowMs)?.kind,
      state.status,
    ]);
    expect(seen).toEqual([
      [undefined, 'ok'],
      ['late', 'late'],
      [undefined, 'late'],
      [undefined, 'late'],
      ['no-data', 'no-data'],
      [undefined, 'no-data'],
    ]);
    absence.observe(state, { timeMs: 10_000, firing: true });
    expect(state.status).toBe('firing');
  });

  it('does not let an older report change anything', () => {
    const state = absence.create();
    absence.observe(state, { timeMs: 100, firing: true });
    absence.observe(state, { timeMs: 50, firing: false });
    expect(state).toMatchObject({ status: 'firing', lastMs: 100 });
  });

  it('says for how long it reported without a break of an hour before it fell silent', () => {
    const hourMs = 3_600_000;
    const state = absence.create();
    const onMsAfter = (...times: readonly number[]) => {
      for (const timeMs of times) absence.observe(state, { timeMs, firing: false });
      return absence.check(state, (times.at(-1) ?? 0) + 1_000)?.reason.values['onMs'];
    };
    expect(onMsAfter(0, hourMs, 2 * hourMs)).toBe(2 * hourMs);
    expect(onMsAfter(3 * hourMs)).toBe(3 * hourMs);
    expect(onMsAfter(4 * hourMs + 1)).toBe(0);
  });
});

const failed = { type: 'login', ok: false };
const succeeded = { type: 'login', ok: true };

describe('rate', () => {
  const rate = createRate(
    rateRuleSchema.parse({
      kind: 'rate',
      eventTypes: ['LOGIN'],
      when: 'type == "login" && !ok',
      count: 3,
      withinMs: 1_000,
    }),
  );

  it('fires at the count within the time, then counts anew', () => {
    const state = rate.create();
    const times = [0, 900, 1_100, 1_200, 1_300, 1_400, 1_500];
    const fired = times.filter((timeMs) => rate.observe(state, { timeMs, fields: failed }) !== null);
    expect(fired).toEqual([1_200, 1_500]);
    expect(rate.observe(state, { timeMs: 1_600, fields: succeeded })).toBeNull();
  });

  it('still fires after one event from far ahead', () => {
    const state = rate.create();
    const times = [1e12, 0, 100, 200];
    const fired = times.filter((timeMs) => rate.observe(state, { timeMs, fields: failed }) !== null);
    expect(fired).toEqual([200]);
  });

  it('keeps fewer times than the count, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5_000 })), (times) => {
        const state = rate.create();
        for (const timeMs of times) rate.observe(state, { timeMs, fields: failed });
        expect(state.timesMs.length).toBeLessThan(3);
        expect(rate.restore(rate.serialise(state))).toEqual(state);
      }),
    );
  });
});

describe('pattern', () => {
  const pattern = createPattern(
    patternRuleSchema.parse({
      kind: 'pattern',
      eventTypes: ['SERVICE'],
      steps: ['type == "login" && !ok', 'type == "login" && ok', 'type == "user.created"'],
      withinMs: 1_000,
    }),
  );
  const created = { type: 'user.created' };
  const run = (events: readonly (readonly [number, Record<string, FieldValue>])[]): readonly number[] => {
    const state = pattern.create();
    return events.flatMap(([timeMs, fields]) =>
      pattern.observe(state, { timeMs, fields }) === null ? [] : timeMs,
    );
  };

  it('fires when the steps come in order within the time', () => {
    expect(
      run([
        [0, failed],
        [10, created],
        [500, succeeded],
        [1_000, created],
      ]),
    ).toEqual([1_000]);
  });

  it('does not fire out of order or too late', () => {
    expect(
      run([
        [0, succeeded],
        [10, failed],
        [20, created],
      ]),
    ).toEqual([]);
    expect(
      run([
        [0, failed],
        [500, succeeded],
        [1_001, created],
      ]),
    ).toEqual([]);
  });

  it('still fires after a first step from far ahead', () => {
    const events = [
      [1e12, failed],
      [0, failed],
      [1, succeeded],
      [2, created],
    ] as const;
    expect(run(events)).toEqual([2]);
  });

  it('follows the sequence that began last', () => {
    expect(
      run([
        [0, failed],
        [900, failed],
        [950, succeeded],
        [1_500, created],
      ]),
    ).toEqual([1_500]);
  });

  it('names bytes that are no state of its own', () => {
    expect(() => pattern.restore(Buffer.from('{"startedMs":"x"}'))).toThrow('cannot be read back');
  });
});
