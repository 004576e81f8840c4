import { describe, expect, it } from 'vitest';

import {
  type MaintenanceWindow,
  maintenanceWindowSchema,
  type PlannedWindow,
} from '../../contracts/maintenance-window.ts';
import { nextTimes } from './next-times.ts';
import { occurrencesOf } from './occurrences.ts';

const hourMs = 3_600_000;
const patchNight: MaintenanceWindow = {
  windowId: 'patch-night',
  title: 'Patch night',
  start: '2026-01-08T22:00:00',
  timeZone: 'Europe/Berlin',
  durationMs: 4 * hourMs,
  recurrence: 'FREQ=WEEKLY;BYDAY=TH',
};
const at = (text: string): number => Date.parse(text);

describe('a maintenance window', () => {
  it('is at the same hour of the clock in winter and in summer', () => {
    const windows = occurrencesOf(patchNight);
    expect(windows.at(at('2026-01-15T20:59:59Z'))).toBeNull();
    expect(windows.at(at('2026-01-15T21:00:00Z'))).toEqual({
      startMs: at('2026-01-15T21:00:00Z'),
      endMs: at('2026-01-16T01:00:00Z'),
    });
    expect(windows.at(at('2026-01-16T00:59:59Z'))).not.toBeNull();
    expect(windows.at(at('2026-01-16T01:00:00Z'))).toBeNull();
    expect(windows.at(at('2026-07-16T20:00:00Z'))?.startMs).toBe(at('2026-07-16T20:00:00Z'));
    expect(windows.next(at('2026-07-17T00:00:00Z'))?.startMs).toBe(at('2026-07-23T20:00:00Z'));
  });

  it('is over from the moment that somebody ended it, and comes again the next time', () => {
    const endedMs = at('2026-01-15T22:30:00Z');
    const windows = occurrencesOf({ ...patchNight, endedMs });
    for (const time of ['2026-01-15T22:00:00Z', '2026-01-15T22:30:00Z', '2026-01-16T00:30:00Z'])
      expect(windows.at(at(time))).toBeNull();
    expect(windows.at(at('2026-01-22T21:00:00Z'))?.startMs).toBe(at('2026-01-22T21:00:00Z'));
  });

  it('tells its next times, the one that goes on first, and no more than there are', () => {
    const starts = (changes: Partial<PlannedWindow>, text: string): string[] =>
      nextTimes({ ...patchNight, ...changes }, at(text), 3).map(({ startMs }) =>
        new Date(startMs).toISOString().slice(0, 10),
      );
    expect(starts({}, '2026-01-15T22:00:00Z')).toEqual(['2026-01-15', '2026-01-22', '2026-01-29']);
    expect(starts({}, '2026-01-16T12:00:00Z')).toEqual(['2026-01-22', '2026-01-29', '2026-02-05']);
    const endedMs = at('2026-01-15T22:00:00Z');
    expect(starts({ endedMs }, '2026-01-15T22:30:00Z')[0]).toBe('2026-01-22');
    expect(starts({ recurrence: undefined }, '2026-01-08T22:00:00Z')).toEqual(['2026-01-08']);
    expect(starts({ recurrence: undefined }, '2026-01-10T00:00:00Z')).toEqual([]);
  });

  it('answers the same whatever it was asked before', () => {
    const windows = occurrencesOf(patchNight);
    const times = Array.from({ length: 200 }, (_, i) => at('2026-02-01T00:00:00Z') + i * 5 * hourMs);
    const ascending = times.map((timeMs) => windows.at(timeMs)?.startMs ?? null);
    const fresh = times.map((timeMs) => occurrencesOf(patchNight).at(timeMs)?.startMs ?? null);
    expect(ascending).toEqual(fresh);
    expect(times.toReversed().map((timeMs) => windows.at(timeMs)?.startMs ?? null)).toEqual(
      fresh.toReversed(),
    );
    expect(new Set(fresh.filter((start) => start !== null)).size).toBeGreaterThan(4);
  });

  it('is once without a recurrence', () => {
    const { recurrence: _recurrence, ...once } = patchNight;
    const windows = occurrencesOf(once);
    expect(windows.at(at('2026-01-08T22:00:00Z'))).not.toBeNull();
    expect(windows.at(at('2026-01-09T22:00:00Z'))).toBeNull();
    expect(windows.next(at('2026-01-09T22:00:00Z'))).toBeNull();
  });

  it('is refused where it cannot be planned', () => {
    expect(() => occurrencesOf({ ...patchNight, timeZone: 'Mars/Olympus' })).toThrow('Mars/Olympus');
    expect(maintenanceWindowSchema.safeParse({ ...patchNight, recurrence: 'FREQ=SECONDLY' }).success).toBe(
      false,
    );
    expect(
      maintenanceWindowSchema.safeParse({ ...patchNight, recurrence: 'FREQ=DAILY;BYHOUR=1' }).success,
    ).toBe(false);
    expect(maintenanceWindowSchema.safeParse({ ...patchNight, start: '2026-01-08T22:00:00Z' }).success).toBe(
      false,
    );
  });
});
