import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { expect, it } from 'vitest';

import { describeCache } from '../../conformance/cache.ts';
import { createManualClock } from '../../streams/clock.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import { createEmbeddedCache } from '../embedded/cache.ts';
import { createLeasedCache } from '../leased-cache.ts';
import { createTcpForwarder } from '../tcp-forwarder.fixture.ts';
import { createRedisCache } from './cache.ts';

const url = engineAddresses().OPENFRAME_REDIS_URL;
const scope = { tenantId: 'north' };

/** Keys of its own, which go with the test. */
async function ownKeys() {
  const client = await createClient({ url }).connect();
  const prefix = `openframe-test-${randomUUID()}`;
  const keys = async (): Promise<string[]> => client.keys(`${prefix}:*`);
  return {
    client,
    prefix,
    keys,
    async [Symbol.asyncDispose]() {
      const found = await keys();
      if (found.length > 0) await client.del(found);
      await client.close();
    },
  };
}

describeCache('Redis', {
  create: async () => {
    const own = await ownKeys();
    const clock = createManualClock(1_700_000_000_000);
    const open = () => createRedisCache({ url, prefix: own.prefix, clock });
    const [cache, second] = await Promise.all([open(), open()]);
    return {
      cache,
      second,
      advance: clock.advance,
      async [Symbol.asyncDispose]() {
        for (const one of [cache, second, own]) await one[Symbol.asyncDispose]();
      },
    };
  },
});

it('lets many start at once, and leaves no key behind', async () => {
  await using own = await ownKeys();
  const starts = Array.from({ length: 24 }, () => createRedisCache({ url, prefix: own.prefix }));
  for (const cache of await Promise.all(starts)) await cache[Symbol.asyncDispose]();
  expect(await own.keys()).toEqual([]);
});

it("goes by the server's time where none is given, and leaves nothing on it for ever", async () => {
  await using own = await ownKeys();
  await using cache = await createRedisCache({ url, prefix: own.prefix });
  await cache.set(scope, 'long', 'value', 60_000);
  await cache.set(scope, 'short', 'value', 1);
  const bucket = { ratePerSecond: 0.001, burst: 60 };
  expect((await cache.take(scope, 'bucket', bucket, 60)).granted).toBe(true);
  const refused = await cache.take(scope, 'bucket', bucket, 1);
  expect(refused.granted).toBe(false);
  expect(refused.retryAfterMs).toBeGreaterThan(900_000);
  expect(refused.retryAfterMs).toBeLessThanOrEqual(1_000_000);
  await expect.poll(() => cache.get(scope, 'short')).toBeNull();
  expect(await cache.get(scope, 'long')).toBe('value');
  const keys = await own.keys();
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(await own.client.pTTL(key)).toBeGreaterThan(0);
});

it('throws at once what is worth a repeat while the server is away, and goes on when it is back', async () => {
  await using own = await ownKeys();
  await using forwarder = await createTcpForwarder(url);
  await using cache = await createRedisCache({ url: `redis://${forwarder.address}`, prefix: own.prefix });
  await cache.set(scope, 'key', 'value', 60_000);
  forwarder.cut();
  for (let i = 0; i < 100; i++) {
    const away = { code: 'STORE_UNAVAILABLE', retryable: true };
    await expect(cache.get(scope, 'key')).rejects.toMatchObject(away);
  }
  forwarder.restore();
  await expect.poll(() => cache.get(scope, 'key').catch(() => null), { timeout: 30_000 }).toBe('value');
});

it('waits no longer than it may for a peer that went without a word, and connects anew', async () => {
  await using own = await ownKeys();
  await using forwarder = await createTcpForwarder(url);
  const address = `redis://${forwarder.address}`;
  await using cache = await createRedisCache({ url: address, prefix: own.prefix, timeoutMs: 100 });
  await cache.set(scope, 'key', 'value', 60_000);
  forwarder.hush();
  const silent = Promise.all([cache.get(scope, 'key'), cache.get(scope, 'key')]);
  await expect(silent).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  await expect.poll(() => cache.get(scope, 'key').catch(() => null), { timeout: 30_000 }).toBe('value');
});

it('grants through leases of two processes what one would be granted, and goes on without the server', async () => {
  await using own = await ownKeys();
  await using forwarder = await createTcpForwarder(url);
  const clock = createManualClock(1_700_000_000_000);
  const open = () =>
    createLeasedCache({
      openShared: () => createRedisCache({ url: `redis://${forwarder.address}`, prefix: own.prefix, clock }),
      local: createEmbeddedCache({ clock }),
      clock,
    });
  await using one = await open();
  await using other = await open();
  const granted = async (): Promise<number> => {
    const bucket = { ratePerSecond: 100, burst: 100 };
    const taken = Array.from({ length: 300 }, (_, i) =>
      (i % 3 === 0 ? one : other).take(scope, 'k', bucket, 1),
    );
    return (await Promise.all(taken)).filter((each) => each.granted).length;
  };
  expect(await granted()).toBe(100);
  await clock.advance(500);
  expect(await granted()).toBe(50);
  forwarder.cut();
  await clock.advance(10_000);
  expect(await granted()).toBe(200);
  expect(one.degraded?.()).toContain('Redis at');
  forwarder.restore();
  await expect
    .poll(
      async () => {
        await clock.advance(1_000);
        await granted();
        return one.degraded?.();
      },
      { timeout: 30_000 },
    )
    .toBeNull();
});

it('says at the start where no server answers, what is no address, and who may not', async () => {
  const prefix = 'openframe-test';
  const nowhere = createRedisCache({ url: 'redis://user:secret@127.0.0.1:1', prefix });
  await expect(nowhere).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  await expect(nowhere).rejects.toThrow(/127\.0\.0\.1:1/);
  await expect(nowhere).rejects.not.toThrow(/secret/);
  for (const none of ['nonsense', 'http://127.0.0.1', ''])
    await expect(createRedisCache({ url: none, prefix })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  const { host } = new URL(url);
  await expect(createRedisCache({ url: `redis://nobody:wrong@${host}`, prefix })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    retryable: false,
  });
});
