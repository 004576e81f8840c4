import { describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Cache } from '../stores/cache.ts';
import { createEmbeddedCache } from '../stores/embedded/cache.ts';
import { createManualClock } from '../streams/clock.ts';
import { createForgivingCache } from './forgiving-cache.ts';

const scope = { tenantId: 'acme' };
const bucket = { ratePerSecond: 1, burst: 1 };

describe('a forgiving cache', () => {
  it('goes on by itself while the shared one is away, and comes back to it', async () => {
    const clock = createManualClock(1_000);
    const remote = createEmbeddedCache({ clock });
    let away = false;
    const shared: Cache = {
      ...remote,
      take: (...args) => {
        if (away) throw new OpenFrameError('STORE_UNAVAILABLE', 'away', { retryable: true });
        return remote.take(...args);
      },
    };
    const cache = createForgivingCache(() => Promise.resolve(shared), createEmbeddedCache({ clock }), clock);
    await Promise.resolve();
    expect(await cache.take(scope, 'k', bucket, 1)).toMatchObject({ granted: true });
    expect(await cache.take(scope, 'k', bucket, 1)).toMatchObject({ granted: false });
    away = true;
    expect(await cache.take(scope, 'k', bucket, 1)).toMatchObject({ granted: true });
    expect(await cache.take(scope, 'k', bucket, 1)).toMatchObject({ granted: false });
    away = false;
    await clock.advance(2_000);
    expect(await cache.take(scope, 'k', bucket, 1)).toMatchObject({ granted: true });
    expect(await remote.take(scope, 'k', bucket, 1)).toMatchObject({ granted: false });
  });

  it('works on its own where the shared one never opens', async () => {
    const clock = createManualClock();
    const cache = createForgivingCache(
      () => Promise.reject(new Error('never')),
      createEmbeddedCache({ clock }),
      clock,
    );
    await cache.set(scope, 'k', 'v', 1000);
    expect(await cache.get(scope, 'k')).toBe('v');
  });
});
