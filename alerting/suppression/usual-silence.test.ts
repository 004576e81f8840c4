import { describe, expect, it } from 'vitest';

import { type Silences, usualUntilMs, withSilence } from './usual-silence.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mondayMs = Date.UTC(2026, 2, 2);

/** Of each of the days, from an hour for some hours. */
function nightly(days: readonly number[], hour: number, hours: number): Silences {
  return days.map((day) => {
    const fromMs = mondayMs + day * dayMs + hour * hourMs;
    return [fromMs, fromMs + hours * hourMs] as const;
  });
}

const at = (day: number, hour: number): number => mondayMs + day * dayMs + hour * hourMs;

describe('a silence', () => {
  it('is unusual for a host that was never silent, and for one that was on two days', () => {
    expect(usualUntilMs([], at(0, 18))).toBeNull();
    expect(usualUntilMs(nightly([0, 1], 18, 14), at(2, 18))).toBeNull();
  });

  it('is usual for a laptop that is closed each evening, at noon and over a weekend as well', () => {
    const closed = nightly([0, 1, 2], 18, 14);
    expect(usualUntilMs(closed, at(3, 18.5))).toBe(at(3, 18.5) + 72 * hourMs);
    expect(usualUntilMs(closed, at(3, 12))).toBe(at(3, 12) + 72 * hourMs);
    const holiday = [...closed, ...nightly([3], 18, 100)];
    expect(usualUntilMs(holiday, at(8, 18))).toBe(at(8, 18) + 125 * hourMs + 600_000);
  });

  it('is usual for a server that restarts each night at that time, no longer than that takes', () => {
    const restarts = nightly([0, 1, 2, 3], 3, 0.2);
    expect(usualUntilMs(restarts, at(4, 3.5))).toBe(at(4, 3.5) + 0.25 * hourMs + 600_000);
    expect(usualUntilMs(restarts, at(4, 14))).toBeNull();
  });

  it('is near to one on the other side of midnight', () => {
    const late = nightly([0, 1, 2], 23.8, 0.1);
    expect(usualUntilMs(late, at(4, 0.3))).not.toBeNull();
    expect(usualUntilMs(late, at(4, 1.5))).toBeNull();
  });

  it('of three times on one day is no habit', () => {
    const restless = [...nightly([0], 1, 1), ...nightly([0], 4, 1), ...nightly([0], 8, 1)];
    expect(usualUntilMs(restless, at(0, 12))).toBeNull();
  });

  it('is forgotten after two weeks, and no more than 60 are kept', () => {
    expect(usualUntilMs(nightly([0, 1, 2], 18, 14), at(17, 18))).toBeNull();
    const many = Array.from({ length: 500 }, (_, i) => i * 1_000).reduce<Silences>(
      (known, fromMs) => withSilence(known, fromMs, fromMs + 500),
      [],
    );
    expect(many).toHaveLength(60);
    expect(withSilence(nightly([0], 1, 1), at(20, 1), at(20, 2))).toHaveLength(1);
  });
});
