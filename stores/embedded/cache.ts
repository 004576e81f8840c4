import type { Clock } from '../../streams/clock.ts';
import type { Cache } from '../cache.ts';
import type { DocumentScope } from '../documents.ts';
import { RecentMap } from '../recent-map.ts';

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Contents in thousandths of a token, so that whole rates refill in whole numbers: no rounding adds up. */
interface Bucket {
  milliTokens: number;
  atMs: number;
}

/** One promise for every grant: a gateway takes once for each device of each batch. */
const granted = Promise.resolve({ granted: true, retryAfterMs: 0 });

/**
 * A cache in this process's memory. Holds at most `maxEntries` values and as many buckets; what was not used
 * for longest goes first (a bucket that goes is full when it comes back). Losing all of it costs speed only.
 */
export function createEmbeddedCache(options: {
  readonly clock: Clock;
  /** Default 100,000. */
  readonly maxEntries?: number;
}): Cache {
  const { clock, maxEntries = 100_000 } = options;
  const values = new Map<string, Entry>();
  const buckets = new RecentMap<Bucket>(maxEntries);
  return {
    async get(scope, key) {
      const name = nameOf(scope, key);
      const entry = values.get(name);
      if (entry === undefined) return null;
      values.delete(name);
      if (entry.expiresAtMs <= clock.nowMs()) return null;
      values.set(name, entry);
      return entry.value;
    },
    async set(scope, key, value, ttlMs) {
      const name = nameOf(scope, key);
      values.delete(name);
      values.set(name, { value, expiresAtMs: clock.nowMs() + ttlMs });
      dropOldest(values, maxEntries);
    },
    async delete(scope, key) {
      values.delete(nameOf(scope, key));
    },
    take(scope, key, { ratePerSecond, burst }, cost) {
      const name = nameOf(scope, key);
      const nowMs = clock.nowMs();
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        bucket = { milliTokens: burst * 1000, atMs: nowMs };
        buckets.set(name, bucket);
      }
      refill(bucket, ratePerSecond, burst, nowMs);
      const missing = cost * 1000 - bucket.milliTokens;
      if (missing <= 0) {
        bucket.milliTokens = -missing;
        return granted;
      }
      const retryAfterMs = cost > burst ? Infinity : Math.ceil(missing / ratePerSecond);
      return Promise.resolve({ granted: false, retryAfterMs });
    },
    async [Symbol.asyncDispose]() {
      values.clear();
      buckets.clear();
    },
  };
}

function refill(bucket: Bucket, ratePerSecond: number, burst: number, nowMs: number): void {
  // A clock that steps back must not take tokens away, nor give them twice.
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  bucket.milliTokens = Math.min(burst * 1000, bucket.milliTokens + elapsedMs * ratePerSecond);
  bucket.atMs = Math.max(bucket.atMs, nowMs);
}

/** The length makes it unambiguous: no scope and key can spell another scope's name. */
function nameOf(scope: DocumentScope, key: string): string {
  return `${scope.tenantId.length}:${scope.tenantId}:${key}`;
}

function dropOldest(map: Map<string, unknown>, maxEntries: number): void {
  while (map.size > maxEntries) {
    const oldest = map.keys().next();
    if (oldest.done === true) return;
    map.delete(oldest.value);
  }
}
