import { describe, expect, it } from 'vitest';

import { latencyOf, recoveryOf } from './steady-result.ts';

describe('latency at a steady rate', () => {
  it('counts from when an event was due, of the stretch that was asked for alone', () => {
    const dueMs = [0, 10, 20, 30];
    const seenMs = [500, 12.5, 25, undefined];
    expect(latencyOf(dueMs, seenMs, 10, 40)).toMatchObject({ events: 2, p50: 2.5, max: 5 });
  });
});

describe('recovery from a kill', () => {
  it('begins with the first output that only the new process can have written', () => {
    const dueMs = [900, 950, 1000, 2600];
    const seenMs = [1020, 2500, 2510, 2620];
    expect(recoveryOf(dueMs, seenMs, 1000)).toEqual({ firstOutput: 1.5, caughtUp: 1.51 });
  });

  it('is none where nothing came out any more', () => {
    expect(recoveryOf([900, 1000], [920, undefined], 1000)).toBeNull();
  });
});
