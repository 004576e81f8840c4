import { expect, it } from 'vitest';

import { createTenantTurns } from './tenant-turns.ts';

const north = { tenantId: 'north' };
const south = { tenantId: 'south' };

it('lets a tenant’s questions wait for each other in their order, and no other tenant for them', async () => {
  const takeTurn = createTenantTurns(2);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (scope: typeof north, name: string) =>
    takeTurn(scope, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = [ask(north, 'n1'), ask(north, 'n2'), ask(north, 'n3'), ask(north, 'n4'), ask(south, 's1')];
  expect(begun).toEqual(['n1', 'n2', 's1']);
  ends[1]?.();
  await all[1];
  expect(begun).toEqual(['n1', 'n2', 's1', 'n3']);
  for (let i = 0; i < 5; i++) {
    ends[i]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  expect(begun).toEqual(['n1', 'n2', 's1', 'n3', 'n4']);
});

it('gives the turn on when a question fails', async () => {
  const takeTurn = createTenantTurns(1);
  const failing = takeTurn(north, () => Promise.reject(new Error('no')));
  const next = takeTurn(north, () => Promise.resolve('answered'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('answered');
});
