import { describe, expect, it } from 'vitest';

import { createManualClock } from '../streams/clock.ts';
import type { ToolEvent } from './decoders/decoded.ts';
import { KnownSettings } from './known-settings.ts';

const clock = createManualClock(0);

function event(id: number, fields: Partial<ToolEvent>): ToolEvent {
  const base = {
    tool: 'FLEET_MDM',
    server: 'fleet',
    path: 'activities',
    sourceType: 'edited',
    scope: null,
  } as const;
  return { ...base, id: String(id), timeMs: id, data: { row: {} }, ...fields };
}

const says = (id: number, digest: string, fields: Partial<ToolEvent> = {}): ToolEvent =>
  event(id, { sets: { 'policy/"a"/': digest }, ...fields });

describe('an event that says a setting', () => {
  it('is unchanged where the one before said the same', () => {
    const known = new KnownSettings(clock);
    expect(
      [says(1, 'x'), says(2, 'x'), says(3, 'y'), says(4, 'x')].map((one) => known.isUnchanged(one)),
    ).toEqual([false, true, false, false]);
  });

  it('is held against those of its own server alone', () => {
    const known = new KnownSettings(clock);
    known.isUnchanged(says(1, 'x'));
    expect(known.isUnchanged(says(2, 'x', { server: 'other' }))).toBe(false);
  });

  it('is unchanged only where all that it says was so', () => {
    const known = new KnownSettings(clock);
    known.isUnchanged(event(1, { sets: { a: 'x', b: 'x' } }));
    expect(known.isUnchanged(event(2, { sets: { a: 'x', c: 'x' } }))).toBe(false);
    expect(known.isUnchanged(event(3, { sets: { a: 'x', b: 'x', c: 'x' } }))).toBe(true);
  });

  it('is new again after one that changed it without saying to what', () => {
    const known = new KnownSettings(clock);
    known.isUnchanged(says(1, 'x'));
    expect(known.isUnchanged(event(2, { unsets: ['policy/"b"/'] }))).toBe(false);
    expect(known.isUnchanged(says(3, 'x'))).toBe(true);
    known.isUnchanged(event(4, { unsets: ['policy/'] }));
    expect(known.isUnchanged(says(5, 'x'))).toBe(false);
  });

  it('gets the same answer when it comes again', () => {
    const known = new KnownSettings(clock);
    expect(
      [says(1, 'x'), says(1, 'x'), says(2, 'x'), says(2, 'x')].map((one) => known.isUnchanged(one)),
    ).toEqual([false, false, true, true]);
  });

  it('is held against nothing where it is older than what is known, and changes nothing of that', () => {
    const known = new KnownSettings(clock);
    known.isUnchanged(says(5, 'x'));
    expect(known.isUnchanged(says(3, 'x'))).toBe(false);
    expect(known.isUnchanged(says(4, 'y'))).toBe(false);
    expect(known.isUnchanged(event(4, { unsets: [''] }))).toBe(false);
    expect(known.isUnchanged(says(6, 'x'))).toBe(true);
  });
});

it('knows after a restart what it knew', () => {
  const before = new KnownSettings(clock);
  before.isUnchanged(says(1, 'x'));
  const after = restored(before);
  expect(after.isUnchanged(says(2, 'x'))).toBe(true);
  after.isUnchanged(event(3, { unsets: ['policy/'] }));
  expect(after.isUnchanged(says(4, 'x'))).toBe(false);
});

it('keeps so many settings of a server, whose oldest go, and takes none from another', () => {
  const known = new KnownSettings(clock, 3);
  const say = (id: number, name: string, server = 'f"] 1') =>
    known.isUnchanged(event(id, { server, sets: { [name]: 'x' } }));
  expect([say(1, 'a'), say(2, 'b'), say(3, 'c'), say(4, 'a'), say(5, 'a', 'other')]).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
  say(6, 'd');
  const after = restored(known, 3);
  expect(after.isUnchanged(event(7, { server: 'f"] 1', sets: { a: 'x', c: 'x', d: 'x' } }))).toBe(true);
  expect(after.isUnchanged(event(8, { server: 'other', sets: { a: 'x' } }))).toBe(true);
  expect(after.isUnchanged(event(9, { server: 'f"] 1', sets: { b: 'x' } }))).toBe(false);
});

function restored(known: KnownSettings, limit?: number): KnownSettings {
  const after = new KnownSettings(clock, limit);
  for (const { key, value, timestampMs } of known.changes()) {
    const bytes = value === null || value === undefined ? null : Buffer.from(value);
    after.restore({ key: String(key), value: bytes, eventTimeMs: timestampMs, headers: {} });
  }
  return after;
}
