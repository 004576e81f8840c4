import fc from 'fast-check';

/** Whatever can be known of an alert, but for what was learned. */
export const anyFacts = fc.record({
  episodes: fc.nat(1e9),
  kinds: fc.nat(1e6),
  ofKind: fc.nat(1e6),
  ofName: fc.nat(1e6),
  ofHost: fc.nat(1e6),
  heatHere: fc.double({ min: 0, max: 1e6, noNaN: true }),
  heatElsewhere: fc.double({ min: 0, max: 1e6, noNaN: true }),
  severity: fc.nat(2),
  strength: fc.double({ min: 0, max: 4, noNaN: true }),
  count: fc.integer({ min: 1, max: 1e9 }),
  hosts: fc.integer({ min: 1, max: 1e5 }),
  spanMs: fc.nat(1e9),
});
