import { expect, it } from 'vitest';

import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from './format-number.ts';

it.each([
  [0, '0'],
  [1_234, '1,234'],
  [99_999, '99,999'],
  [123_456, '123.5K'],
  [2_600_000, '2.6M'],
])('prints the count %d as %s', (count, text) => expect(formatCount(count)).toBe(text));

it.each([
  [0, '0'],
  [0.43, '0.4'],
  [9.96, '10'],
  [12.4, '12'],
  [20_000, '20,000'],
])('prints the rate %d as %s', (rate, text) => expect(formatRate(rate)).toBe(text));

it.each([
  [null, '–'],
  [0, '0 %'],
  [0.053, '5 %'],
  [1, '100 %'],
])('prints the share %s as %s', (share, text) => expect(formatShare(share)).toBe(text));

it.each([
  [8, '8 ms'],
  [1_250, '1.3 s'],
  [180_000, '3 min'],
  [5_400_000, '1.5 h'],
])('prints %d milliseconds as %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

it.each([
  [0, '0 B'],
  [1_024, '1 KiB'],
  [16_750_372_454, '15.6 GiB'],
  [5e15, '4,547.5 TiB'],
])('prints %d bytes as %s', (sizeBytes, text) => expect(formatBytes(sizeBytes)).toBe(text));
