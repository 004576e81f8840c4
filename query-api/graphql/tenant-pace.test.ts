import { expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import { createTenantPace } from './tenant-pace.ts';

const noisy = { tenantId: 'noisy' };
const quiet = { tenantId: 'quiet' };

it('rests after a large answer, which does not wait for that, nor does another tenant', async () => {
  const clock = createManualClock();
  const runPaced = createTenantPace(clock);
  const answered: string[] = [];
  const ask = async (scope: typeof noisy, name: string, length: number) => {
    await runPaced(scope, () => Promise.resolve({ text: 'x'.repeat(length) }));
    answered.push(name);
  };
  const large = Array.from({ length: 6 }, (_, i) => ask(noisy, `n${i}`, 500_000));
  const other = ask(quiet, 'q', 500_000);
  await clock.advance(49);
  expect(answered).toEqual(['n0', 'n1', 'n2', 'n3', 'q']);
  await clock.advance(1);
  await Promise.all([...large, other]);
  expect(answered).toHaveLength(7);
});

it('throws what an operation throws, and goes on', async () => {
  const runPaced = createTenantPace(createManualClock());
  const failed = Array.from({ length: 5 }, () => runPaced(noisy, () => Promise.reject(new Error('no'))));
  const outcomes = await Promise.allSettled(failed);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(await runPaced(noisy, () => Promise.resolve({ text: '' }))).toEqual({ text: '' });
});
