import { expect, it } from 'vitest';

import { describeCache } from '../../conformance/cache.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createEmbeddedCache } from './cache.ts';

describeCache('memory', {
  create: async () => {
    const clock = createManualClock(1_700_000_000_000);
    const cache = createEmbeddedCache({ clock });
    // Memory has one process: the second is the same.
    return {
      cache,
      second: cache,
      advance: clock.advance,
      [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
    };
  },
});

const scope = { tenantId: 'north' };

it('holds a bounded number of values, and drops what was used longest ago', async () => {
  await using cache = createEmbeddedCache({ clock: createManualClock(), maxEntries: 3 });
  for (const key of ['a', 'b', 'c']) await cache.set(scope, key, key, 1000);
  await cache.get(scope, 'a');
  await cache.set(scope, 'd', 'd', 1000);
  const held = await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.get(scope, key)));
  expect(held).toEqual(['a', null, 'c', 'd']);
});

it('keeps the bucket of whoever asks most while others come and go', async () => {
  await using cache = createEmbeddedCache({ clock: createManualClock(), maxEntries: 3 });
  const bucket = { ratePerSecond: 1, burst: 2 };
  await cache.take(scope, 'flood', bucket, 2);
  for (let i = 0; i < 20; i++) {
    await cache.take(scope, `other ${i}`, bucket, 1);
    expect((await cache.take(scope, 'flood', bucket, 1)).granted).toBe(false);
  }
});

it('neither takes nor gives tokens when the clock steps back', async () => {
  let nowMs = 10_000;
  const clock = { ...createManualClock(), nowMs: () => nowMs };
  await using cache = createEmbeddedCache({ clock });
  const bucket = { ratePerSecond: 1, burst: 10 };
  await cache.take(scope, 'k', bucket, 10);
  nowMs = 5_000;
  expect((await cache.take(scope, 'k', bucket, 1)).granted).toBe(false);
  nowMs = 10_000;
  expect((await cache.take(scope, 'k', bucket, 1)).granted).toBe(false);
  nowMs = 11_000;
  expect((await cache.take(scope, 'k', bucket, 1)).granted).toBe(true);
});
