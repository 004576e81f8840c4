import type { Cache } from '../stores/cache.ts';
import type { Clock } from '../streams/clock.ts';

/** After a fault the shared cache is left alone so long: a slow one must not slow every request. */
const leaveAloneMs = 1_000;

/**
 * The shared cache while it answers, else this process's own: losing a cache costs speed and exact limits, never
 * an event. Limits then count for each process alone. `open` is called once, nobody waits for it; what it gives is
 * closed by whoever gave it.
 */
export function createForgivingCache(open: () => Promise<Cache>, own: Cache, clock: Clock): Cache {
  let shared: Cache | undefined;
  let againAtMs = 0;
  open().then(
    (cache) => (shared = cache),
    () => undefined,
  );
  const ask = async <T>(call: (cache: Cache) => Promise<T>): Promise<T> => {
    if (shared === undefined || clock.nowMs() < againAtMs) return call(own);
    try {
      return await call(shared);
    } catch {
      againAtMs = clock.nowMs() + leaveAloneMs;
      return call(own);
    }
  };
  return {
    get: (scope, key) => ask((cache) => cache.get(scope, key)),
    set: (scope, key, value, ttlMs) => ask((cache) => cache.set(scope, key, value, ttlMs)),
    delete: (scope, key) => ask((cache) => cache.delete(scope, key)),
    take: (scope, key, bucket, cost) => ask((cache) => cache.take(scope, key, bucket, cost)),
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}
