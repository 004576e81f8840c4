import { describe, expect, it } from 'vitest';

import { currentShare, utilizationOf } from './utilization.ts';

const whole = { deviceId: 'd1', labels: {}, points: [[1_000, 0.2]] as const };
const used = { deviceId: 'd1', labels: { state: 'used' }, points: [[1_000, 0.7]] as const };
const idle = { deviceId: 'd1', labels: { state: 'idle' }, points: [[1_000, 0.3]] as const };

describe('utilizationOf', () => {
  it('prefers the series of the whole device', () => {
    expect(utilizationOf({ series: [used, whole] })).toBe(whole.points);
  });

  it('takes what is used where there is no whole', () => {
    expect(utilizationOf({ series: [idle, used] })).toBe(used.points);
  });

  it('is empty where neither is measured', () => {
    expect(utilizationOf({ series: [idle] })).toEqual([]);
    expect(utilizationOf(undefined)).toEqual([]);
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
