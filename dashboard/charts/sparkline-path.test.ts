import { expect, it } from 'vitest';

import { sparklinePath } from './sparkline-path.ts';

const frame = { fromMs: 0, toMs: 100, width: 100, height: 23 };

it('runs from left to right, with 0 at the bottom and 1 at the top', () => {
  const path = sparklinePath(
    [
      [0, 0],
      [50, 0.5],
      [100, 1],
    ],
    frame,
  );
  expect(path).toBe('M0.0 21.5L50.0 11.5L100.0 1.5');
});

it('stays in its frame, whatever a device reports', () => {
  const path = sparklinePath(
    [
      [-50, -3],
      [900, 8],
    ],
    frame,
  );
  expect(path).toBe('M0.0 21.5L100.0 1.5');
});

it('is empty without points', () => {
  expect(sparklinePath([], frame)).toBe('');
});
