import { expect, it } from 'vitest';

import { describeCache } from '../conformance/cache.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { createManualClock } from '../streams/clock.ts';
import type { Cache } from './cache.ts';
import { createEmbeddedCache } from './embedded/cache.ts';
import { createLeasedCache } from './leased-cache.ts';

const scope = { tenantId: 'north' };

/** Two processes over one shared cache, which may go away and counts what it is asked. */
function twoProcesses() {
  const clock = createManualClock(1_700_000_000_000);
  const memory = createEmbeddedCache({ clock });
  const shared = { away: false, asked: 0 };
  const whereThere = <T>(answer: () => Promise<T>): Promise<T> => {
    shared.asked++;
    if (!shared.away) return answer();
    return Promise.reject(new OpenFrameError('STORE_UNAVAILABLE', 'It is away.', { retryable: true }));
  };
  const port: Cache = {
    get: (...args) => whereThere(() => memory.get(...args)),
    set: (...args) => whereThere(() => memory.set(...args)),
    delete: (...args) => whereThere(() => memory.delete(...args)),
    take: (...args) => whereThere(() => memory.take(...args)),
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
  };
  const open = () =>
    createLeasedCache({
      openShared: () => whereThere(() => Promise.resolve(port)),
      local: createEmbeddedCache({ clock }),
      clock,
    });
  return { clock, shared, open };
}

describeCache('leases', {
  create: async () => {
    const { clock, open } = twoProcesses();
    const [cache, second] = await Promise.all([open(), open()]);
    return {
      cache,
      second,
      advance: clock.advance,
      async [Symbol.asyncDispose]() {
        await cache[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      },
    };
  },
});

async function granted(caches: readonly Cache[], tries: number, burst: number): Promise<number> {
  const bucket = { ratePerSecond: 1_000, burst };
  let count = 0;
  for (let i = 0; i < tries; i++)
    for (const cache of caches) if ((await cache.take(scope, 'k', bucket, 1)).granted) count++;
  return count;
}

it('asks the shared cache seldom, for what it grants as for what it refuses', async () => {
  const { shared, open } = twoProcesses();
  await using cache = await open();
  shared.asked = 0;
  expect(await granted([cache], 900, 1_000)).toBe(900);
  expect(shared.asked).toBeLessThan(12);
  shared.asked = 0;
  expect(await granted([cache], 900, 1_000)).toBe(100);
  expect(shared.asked).toBeLessThan(12);
});

it('loses what it took ahead and did not use, and no more', async () => {
  const { clock, open } = twoProcesses();
  await using one = await open();
  await using other = await open();
  expect(await granted([one], 1, 1_000)).toBe(1);
  await clock.advance(1_000);
  expect(await granted([one, other], 1_000, 1_000)).toBe(1_000);
});

it('grants by its own buckets while the shared cache is away, and says so', async () => {
  const { clock, shared, open } = twoProcesses();
  await using one = await open();
  await using other = await open();
  expect(one.degraded?.()).toBeNull();
  shared.away = true;
  expect(await granted([one, other], 300, 200)).toBe(400);
  expect(one.degraded?.()).toContain('It is away.');
  shared.asked = 0;
  await granted([one], 100, 200);
  expect(shared.asked).toBe(0);
  shared.away = false;
  await clock.advance(1_000);
  // The first that comes by is answered at once, and has the cache tried.
  expect(await granted([one, other], 1, 200)).toBe(2);
  await clock.advance(0);
  expect(one.degraded?.()).toBeNull();
  expect(await granted([one, other], 300, 200)).toBe(200);
});

it('opens without the shared cache, and takes it in when it is there', async () => {
  const { clock, shared, open } = twoProcesses();
  shared.away = true;
  await using cache = await open();
  expect(await granted([cache], 1, 200)).toBe(1);
  await expect(cache.get(scope, 'k')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  shared.away = false;
  await clock.advance(1_000);
  await granted([cache], 1, 200);
  await clock.advance(0);
  expect(cache.degraded?.()).toBeNull();
  expect(await cache.get(scope, 'k')).toBeNull();
});

it('does not open where the shared cache cannot be had by waiting', async () => {
  const clock = createManualClock();
  const refused = new OpenFrameError('CONFIGURATION_INVALID', 'No such user.');
  const opened = createLeasedCache({
    openShared: () => Promise.reject(refused),
    local: createEmbeddedCache({ clock }),
    clock,
  });
  await expect(opened).rejects.toBe(refused);
});

it('leaves to each process the buckets that are its own', async () => {
  const { shared, open } = twoProcesses();
  await using cache = await open();
  shared.asked = 0;
  const bucket = { ratePerSecond: 1, burst: 2, perProcess: true } as const;
  const taken = await Promise.all(Array.from({ length: 3 }, () => cache.take(scope, 'device', bucket, 1)));
  expect(taken.map((one) => one.granted)).toEqual([true, true, false]);
  expect(shared.asked).toBe(0);
});
