import { describe, expect, it } from 'vitest';

import type { KindCell } from '../grouping/cells.ts';
import { countDay, isChronic } from './chronic.ts';

const dayMs = 86_400_000;

/** A kind whose episodes began on these days, each with so many reports. */
function kind(days: readonly number[], reports = 1): KindCell {
  const cell: KindCell = {
    cell: 'kind',
    name: 'n',
    host: 'h',
    episodes: 0,
    alert: '',
    openedMs: 0,
    lastMs: 0,
  };
  for (const day of days) {
    countDay(cell, day * dayMs + 1);
    cell.reports = reports;
  }
  return cell;
}

describe('trouble that comes all the time', () => {
  it('is known from the fourth day on, whatever a day brings', () => {
    expect(isChronic(kind([0, 1, 2]), 2 * dayMs + 5)).toBe(false);
    expect(isChronic(kind([0, 0, 0, 0, 1]), dayMs + 5)).toBe(false);
    expect(isChronic(kind([0, 1, 2, 3]), 3 * dayMs + 5)).toBe(true);
    expect(isChronic(kind([0, 4, 9, 13]), 13 * dayMs + 5)).toBe(true);
  });

  it('is new again after two weeks without it', () => {
    expect(isChronic(kind([0, 1, 2, 17]), 17 * dayMs + 5)).toBe(false);
  });

  it('is out of its usual when it is reported three times as often as ever before', () => {
    const cell = kind([0, 1, 2, 3], 20);
    cell.reports = 60;
    expect(isChronic(cell, 3 * dayMs + 5)).toBe(true);
    cell.reports = 61;
    expect(isChronic(cell, 3 * dayMs + 5)).toBe(false);
  });
});
