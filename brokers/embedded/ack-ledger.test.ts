import fc from 'fast-check';
import { expect, it } from 'vitest';

import { AckLedger } from './ack-ledger.ts';

it('never moves the floor past a batch that is not acked, in any order of acks', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
  const plan = sizes.chain((sizes) =>
    fc.tuple(fc.constant(sizes), fc.shuffledSubarray([...sizes.keys()]), fc.nat({ max: 1000 })),
  );
  fc.assert(
    fc.property(plan, ([sizes, order, start]) => {
      const ledger = new AckLedger(start);
      let end = start;
      const deliveries = sizes.map((size) => ledger.deliver(end, (end += size)));
      const acked = new Set<number>();
      for (const index of order) {
        const delivery = deliveries[index];
        if (delivery !== undefined) ledger.ack(delivery);
        acked.add(index);
        const firstOpen = deliveries.findIndex((_, i) => !acked.has(i));
        expect(ledger.floor).toBe(firstOpen < 0 ? end : deliveries[firstOpen]?.firstOffset);
        expect(ledger.inFlight).toBe(end - ledger.floor);
      }
    }),
  );
});

it('hands out again from a rewound batch on, and keeps those before it', () => {
  const ledger = new AckLedger(0);
  const [a, b, c] = [ledger.deliver(0, 2), ledger.deliver(2, 5), ledger.deliver(5, 6)];
  ledger.ack(c);
  expect(ledger.rewind(b)).toBe(2);
  expect([ledger.isOpen(a), ledger.isOpen(b), ledger.isOpen(c)]).toEqual([true, false, false]);
  expect(ledger.ack(a)).toBe(2);
  expect(ledger.inFlight).toBe(0);
});

it('takes a commit for the end of all batches below it', () => {
  const ledger = new AckLedger(0);
  const [, b, c] = [ledger.deliver(0, 2), ledger.deliver(2, 5), ledger.deliver(5, 6)];
  ledger.advanceTo(5);
  expect([ledger.floor, ledger.inFlight, ledger.isOpen(b), ledger.isOpen(c)]).toEqual([5, 1, false, true]);
});
