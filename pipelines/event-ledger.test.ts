import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EventLedger, places } from './event-ledger.ts';

describe('EventLedger', () => {
  it('counts as a map of lists does, for any finds', () => {
    const find = fc.record({
      id: fc.uuid(),
      again: fc.nat(3),
      tenant: fc.constantFrom('acme', 'umbrella'),
      place: fc.constantFrom(...places),
    });
    fc.assert(
      fc.property(fc.array(find, { maxLength: 3000 }), (finds) => {
        const ledger = new EventLedger();
        const expected = new Map<string, Record<string, number>>();
        for (const { id, again, tenant, place } of finds) {
          const counts = expected.get(id) ?? {};
          expected.set(id, counts);
          for (let i = 0; i <= again; i++) {
            ledger.add(tenant, id, place);
            counts[place] = Math.min(2, (counts[place] ?? 0) + 1);
          }
        }
        const sum = (list: Iterable<Record<string, number>>, place: string): number =>
          [...list].reduce((total, counts) => total + (counts[place] ?? 0), 0);
        const found: Record<string, number>[] = [];
        ledger.forEach((_tenant, counts) => found.push({ ...counts }));
        expect(found).toHaveLength(expected.size);
        for (const place of places) expect(sum(found, place)).toBe(sum(expected.values(), place));
      }),
      { numRuns: 30 },
    );
  });
});
