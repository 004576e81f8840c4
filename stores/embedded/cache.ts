import type { Clock } from '../../streams/clock.ts';
import type { Cache } from '../cache.ts';
import type { DocumentScope } from '../documents.ts';

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Contents in thousandths of a token, so that whole rates refill in whole numbers: no rounding adds up. */
interface Bucket {
  milliTokens: number;
  atMs: number;
}

/**
 * A cache in this process's memory. Holds at most `maxEntries` values and as many buckets; what was used
 * longest ago goes first (a bucket that goes is full when it comes back). Losing all of it costs speed only.
 */
export function createEmbeddedCache(options: {
  readonly clock: Clock;
  /** Default 100,000. */
  readonly maxEntries?: number;
}): Cache {
  const { clock, maxEntries = 100_000 } = options;
  const values = new Map<string, Entry>();
  const buckets = new Map<string, Bucket>();
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
    async take(scope, key, { ratePerSecond, burst }, cost) {
      const name = nameOf(scope, key);
      const nowMs = clock.nowMs();
      const bucket = buckets.get(name) ?? { milliTokens: burst * 1000, atMs: nowMs };
      buckets.delete(name);
      buckets.set(name, bucket);
      dropOldest(buckets, maxEntries);
      refill(bucket, ratePerSecond, burst, nowMs);
      const milliCost = cost * 1000;
      if (milliCost <= bucket.milliTokens) {
        bucket.milliTokens -= milliCost;
        return { granted: true, retryAfterMs: 0 };
      }
      const missing = milliCost - bucket.milliTokens;
      return { granted: false, retryAfterMs: cost > burst ? Infinity : Math.ceil(missing / ratePerSecond) };
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
