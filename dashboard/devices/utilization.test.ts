import { describe, expect, it } from 'vitest';

import { currentShare, utilizationsOf } from './utilization.ts';

const whole = { deviceId: 'd1', labels: {}, points: [[1_000, 0.2]] as const };
const used = { deviceId: 'd1', labels: { state: 'used' }, points: [[1_000, 0.7]] as const };
const idle = { deviceId: 'd1', labels: { state: 'idle' }, points: [[1_000, 0.3]] as const };

describe('utilizationsOf', () => {
  it('prefers the series of the whole device', () => {
    expect(utilizationsOf({ series: [used, whole] }).get('d1')).toBe(whole.points);
  });

  it('takes what is used where there is no whole', () => {
    expect(utilizationsOf({ series: [idle, used] }).get('d1')).toBe(used.points);
  });

  it('leaves out a device of which neither is measured, and keeps the others apart', () => {
    const other = { ...whole, deviceId: 'd2', points: [[1_000, 0.9]] as const };
    expect([...utilizationsOf({ series: [idle, other] })]).toEqual([['d2', other.points]]);
  });
});

describe('currentShare', () => {
  it('is the newest value', () => {
    expect(
      currentShare(
        [
          [1_000, 0.2],
          [2_000, 0.4],
        ],
        3_000,
      ),
    ).toBe(0.4);
  });

  it('is unknown once the newest value is old', () => {
    expect(currentShare([[1_000, 0.2]], 200_000)).toBeNull();
    expect(currentShare([], 0)).toBeNull();
  });
});
