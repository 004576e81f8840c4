import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { severities } from '../view/view.ts';
import {
  defaultExplore,
  type ExploreRange,
  exploreRanges,
  type ExploreState,
  groupings,
  isNarrowed,
  noFilters,
  parseExplore,
  printExplore,
  windowOf,
} from './explore-state.ts';

const text = fc.string({ minLength: 1 });
const states: fc.Arbitrary<ExploreState> = fc.record({
  range: fc.constantFrom(...(Object.keys(exploreRanges) as ExploreRange[])),
  zoom: fc.option(
    fc
      .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 4e8 }))
      .map(([fromMs, lengthMs]) => ({ fromMs, toMs: fromMs + lengthMs })),
  ),
  severities: fc.subarray([...severities]),
  eventTypes: fc.array(text),
  toolTypes: fc.array(text),
  organizationIds: fc.array(text),
  deviceId: fc.option(text),
  search: fc.string(),
  groupBy: fc.constantFrom(...groupings),
  mode: fc.constantFrom('table', 'tail'),
  sort: fc.constantFrom('asc', 'desc'),
  event: fc.option(text),
});

describe('the question in the address', () => {
  it('reads back as it was printed', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(parseExplore(printExplore(state))).toEqual(state);
      }),
    );
  });

  it('is nothing for the default, and never throws', () => {
    expect(printExplore(defaultExplore)).toBe('');
    fc.assert(fc.property(fc.string(), (address) => void parseExplore(address)));
  });

  it('is narrowed by any filter and by no time', () => {
    expect(isNarrowed({ ...defaultExplore, range: '7d', zoom: { fromMs: 1, toMs: 2 } })).toBe(false);
    expect(isNarrowed({ ...defaultExplore, deviceId: 'd1' })).toBe(true);
    expect(isNarrowed({ ...defaultExplore, ...noFilters })).toBe(false);
  });
});

describe('the window', () => {
  it('ends at the moment of asking, or is the zoom, in at most 120 buckets', () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 1e12, max: 2e12 }), (state, asOfMs) => {
        const { fromMs, toMs, bucketMs } = windowOf(state, asOfMs);
        expect(toMs).toBe(state.zoom?.toMs ?? asOfMs);
        expect((toMs - fromMs) / bucketMs).toBeLessThanOrEqual(120);
      }),
    );
  });
});
