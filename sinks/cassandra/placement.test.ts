import fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  compactionWindowDays,
  completionTimestamp,
  dayAndBucket,
  deletionTimestamp,
  eventTimestamp,
  maxPartitionBytes,
  slotOf,
  slotOfBucket,
  slotWidths,
  ttlSeconds,
  writtenMs,
} from './placement.ts';

const dayMs = 86_400_000;
const moments = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
const rates = fc.integer({ min: 1000, max: maxPartitionBytes });

it('keeps a tenant that sends at the rate within the largest partition', () => {
  fc.assert(
    fc.property(rates, (rate) => {
      const { tenantSlotMs, deviceSlotMs } = slotWidths(rate);
      expect((rate * tenantSlotMs) / 1000).toBeLessThanOrEqual(maxPartitionBytes);
      expect(((rate / 4) * deviceSlotMs) / 1000).toBeLessThanOrEqual(maxPartitionBytes);
      expect(3_600_000 % tenantSlotMs).toBe(0);
      expect(3_600_000 % deviceSlotMs).toBe(0);
    }),
  );
  expect(slotWidths(10_000_000)).toEqual({ tenantSlotMs: 10_000, deviceSlotMs: 40_000 });
  expect(() => slotWidths(maxPartitionBytes + 1)).toThrow('give a lower rate');
});

it('gives every moment one day and bucket, and finds the slot again', () => {
  fc.assert(
    fc.property(moments, rates, (timeMs, rate) => {
      const { tenantSlotMs } = slotWidths(rate);
      const slot = slotOf(timeMs, tenantSlotMs);
      const { day, bucket } = dayAndBucket(slot, tenantSlotMs);
      expect(day).toBe(Math.floor(timeMs / dayMs));
      expect(bucket).toBeGreaterThanOrEqual(0);
      expect(bucket).toBeLessThan(dayMs / tenantSlotMs);
      expect(slotOfBucket(day, bucket, tenantSlotMs)).toBe(slot);
    }),
  );
});

it('gives the earlier writing the higher timestamp, within the day, and tells when it was', () => {
  const sinceDay = fc.integer({ min: -2 * dayMs, max: 490 * dayMs });
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), sinceDay, sinceDay, (day, a, b) => {
      const [first, second] = [day * dayMs + Math.min(a, b), day * dayMs + Math.max(a, b) + 1];
      expect(eventTimestamp(day, first)).toBeGreaterThan(eventTimestamp(day, second));
      expect(completionTimestamp(day, first)).toBeGreaterThan(completionTimestamp(day, second));
      expect(completionTimestamp(day, first)).toBeLessThan(eventTimestamp(day, second));
      expect(completionTimestamp(day, second)).toBeGreaterThanOrEqual(BigInt(day) * 86_400_000_000n);
      expect(eventTimestamp(day, first)).toBeLessThan(deletionTimestamp(day));
      expect(writtenMs(eventTimestamp(day, first))).toBe(first);
    }),
  );
});

it('stays within the day for a writing years after it', () => {
  const day = 20_000;
  const late = (day + 5000) * dayMs;
  expect(eventTimestamp(day, late)).toBeGreaterThan(completionTimestamp(day, day * dayMs));
  expect(completionTimestamp(day, late)).toBe(BigInt(day) * 86_400_000_000n);
});

it('lets a row live until the retention ends, a day at least and 20 years at most', () => {
  expect(ttlSeconds(10 * dayMs, 8 * dayMs, 30 * dayMs)).toBe((32 * dayMs) / 1000);
  expect(ttlSeconds(10 * dayMs, 100 * dayMs, 30 * dayMs)).toBe(dayMs / 1000);
  expect(ttlSeconds(10 * dayMs, 0, 30_000 * dayMs)).toBe(630_720_000);
  expect(ttlSeconds(10 * dayMs, 0, undefined)).toBe(0);
  expect([1, 20, 21, 90].map((days) => compactionWindowDays(days * dayMs))).toEqual([1, 1, 2, 5]);
});
