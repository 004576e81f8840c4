import { expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import { createRefusalBudget, refusalsAtOnce } from './refusal-budget.ts';

const of = (tokenId: string) => ({ tenantId: 'acme', role: 'analyst', tokenId }) as const;

it('reads nothing more of a token that is refused again and again, until a moment has passed', async () => {
  const clock = createManualClock();
  const budget = createRefusalBudget(clock);
  for (let i = 0; i < refusalsAtOnce; i++) {
    budget.check(of('noisy'));
    budget.refused(of('noisy'), 60);
  }
  expect(() => budget.check(of('noisy'))).toThrow('just now');
  expect(() => budget.check(of('quiet'))).not.toThrow();
  await clock.advance(100);
  expect(() => budget.check(of('noisy'))).not.toThrow();
  budget.refused(of('noisy'), 60);
  expect(() => budget.check(of('noisy'))).toThrow('just now');
  await clock.advance(60_000);
  for (let i = 0; i < refusalsAtOnce; i++) budget.refused(of('noisy'), 60);
  expect(() => budget.check(of('noisy'))).toThrow('just now');
});

it('counts a large document as many small ones', () => {
  const budget = createRefusalBudget(createManualClock());
  for (let i = 0; i < 4; i++) {
    budget.check(of('wide'));
    budget.refused(of('wide'), 25_000);
  }
  expect(() => budget.check(of('wide'))).toThrow('just now');
});
