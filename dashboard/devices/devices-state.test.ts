import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseDevices, printDevices } from './devices-state.ts';

it('reads back as it was printed, and is nothing for all devices', () => {
  const text = fc.option(fc.string({ minLength: 1 }));
  const states = fc.record({
    status: fc.option(fc.constantFrom('ONLINE' as const, 'OFFLINE' as const)),
    organizationId: text,
    search: fc.string(),
    cursor: text,
  });
  fc.assert(
    fc.property(states, (state) => {
      expect(parseDevices(printDevices(state))).toEqual(state);
    }),
  );
  expect(printDevices(parseDevices('?status=odd'))).toBe('');
});
