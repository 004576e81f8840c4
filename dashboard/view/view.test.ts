import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  defaultView,
  isFiltered,
  parseView,
  printView,
  type RangeName,
  ranges,
  severities,
  type View,
  windowOf,
} from './view.ts';

const nowMs = Date.UTC(2026, 0, 31, 8, 0, 7);

const views: fc.Arbitrary<View> = fc.record({
  range: fc.constantFrom(...(Object.keys(ranges) as RangeName[])),
  zoom: fc.option(
    fc
      .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 4e8 }))
      .map(([fromMs, lengthMs]) => ({ fromMs, toMs: fromMs + lengthMs })),
  ),
  severities: fc.subarray([...severities]),
  search: fc.string(),
  routine: fc.boolean(),
  device: fc.option(fc.string()),
  deviceSearch: fc.string(),
  deviceStatus: fc.option(fc.constantFrom('ONLINE', 'OFFLINE')),
  deviceCursor: fc.option(fc.string()),
});

describe('the view in the address', () => {
  it('reads back as it was printed', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(parseView(printView(view))).toEqual(view);
      }),
    );
  });

  it('is nothing for the default view', () => {
    expect(printView(defaultView)).toBe('');
    expect(parseView('')).toEqual(defaultView);
  });

  it('falls back to the default where an address makes no sense', () => {
    const address =
      '?range=constructor&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z&severities=LOUD&status=odd';
    expect(parseView(address)).toEqual(defaultView);
  });

  it('never throws, whatever the address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseView(text)).not.toThrow();
      }),
    );
  });
});

describe('the window of the chart', () => {
  it('ends now and begins on a bucket, the range before', () => {
    const window = windowOf({ ...defaultView, range: '5m' }, nowMs);
    expect(window).toMatchObject({ fromMs: nowMs - 302_000, toMs: null, bucket: '5s' });
  });

  it('is the zoom, in at most 120 buckets where the widest allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 120 * 3_600_000 }), (lengthMs) => {
        const zoom = { fromMs: nowMs, toMs: nowMs + lengthMs };
        const window = windowOf({ ...defaultView, zoom }, nowMs + 9e9);
        expect(window).toMatchObject(zoom);
        expect(lengthMs / window.bucketMs).toBeLessThanOrEqual(120);
      }),
    );
  });
});

describe('isFiltered', () => {
  it('holds for a severity or words, not for a range or a device', () => {
    expect(isFiltered({ ...defaultView, severities: ['ERROR'] })).toBe(true);
    expect(isFiltered({ ...defaultView, search: 'disk' })).toBe(true);
    expect(isFiltered({ ...defaultView, range: '24h', device: 'd1' })).toBe(false);
  });
});
