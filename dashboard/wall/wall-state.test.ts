import { expect, it } from 'vitest';

import { isWall, othersWords, turnOf, wallStateOf } from './wall-state.ts';

it('turns only where the address asks for it, within bounds', () => {
  expect(['', '?turn=', '?turn=x', '?turn=-3'].map((text) => wallStateOf(text).turnSeconds)).toEqual(
    Array(4).fill(null),
  );
  expect(['?turn=20', '?turn=1', '?turn=1e9'].map((text) => wallStateOf(text).turnSeconds)).toEqual([
    20, 5, 3600,
  ]);
});

it('is its own address, or any with wall=1', () => {
  expect([isWall('/wall', ''), isWall('/inbox', '?wall=1'), isWall('/inbox', '')]).toEqual([
    true,
    true,
    false,
  ]);
});

it('shows the first rows, or those whose turn it is, all of them once in a round', () => {
  const rows = [1, 2, 3, 4, 5];
  expect(turnOf(rows, 2, null, 99_000)).toEqual({ rows: [1, 2], turn: 1, turns: 3 });
  const round = [0, 10_000, 20_000].map((nowMs) => turnOf(rows, 2, 10, nowMs).rows);
  expect(round).toEqual([[1, 2], [3, 4], [5]]);
  expect(turnOf([], 2, 10, 5_000)).toEqual({ rows: [], turn: 1, turns: 1 });
});

it('says how many are not on the screen, of all that there are and not of those that were listed', () => {
  const first = { total: 412, listed: 200, shown: 8, turn: 1, turns: 25, turnSeconds: null };
  expect(othersWords(first)).toBe('404 more');
  expect(othersWords({ ...first, turn: 3, turnSeconds: 20 })).toBe('Part 3 of 25, of 412 the first 200');
  expect(othersWords({ ...first, total: 200, turn: 3, turnSeconds: 20 })).toBe('Part 3 of 25');
  expect(othersWords({ ...first, total: 8, listed: 8 })).toBe('');
  expect(othersWords({ ...first, total: 0, listed: 9 })).toBe('1 more');
});
