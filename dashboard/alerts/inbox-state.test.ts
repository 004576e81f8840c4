import fc from 'fast-check';
import { expect, it } from 'vitest';

import { alertStatuses } from '../../contracts/alert.ts';
import { parseInbox, printInbox } from './inbox-state.ts';

it('reads back as it was printed, and is nothing for all open alerts', () => {
  const states = fc.record({
    status: fc.option(fc.constantFrom(...alertStatuses)),
    search: fc.string(),
    cursor: fc.option(fc.string({ minLength: 1 })),
  });
  fc.assert(
    fc.property(states, (state) => {
      expect(parseInbox(printInbox(state))).toEqual(state);
    }),
  );
  expect(printInbox(parseInbox('?status=odd'))).toBe('');
});
