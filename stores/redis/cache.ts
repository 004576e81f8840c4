import { randomUUID } from 'node:crypto';

import type { ClientCertificate } from '../../contracts/certificates.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Cache, TokenBucket } from '../cache.ts';
import type { DocumentScope } from '../documents.ts';
import { Connection } from './connection.ts';

export interface RedisCacheOptions {
  /** `redis://user:password@host:6379/0`, `rediss://` for TLS. */
  readonly url: string;
  /** What a server is shown that asks for it; with `rediss://` alone. */
  readonly certificate?: ClientCertificate;
  /** Begins every key; platforms with different ones share a server. */
  readonly prefix: string;
  /** So long a call waits for an answer. Default 1,000. */
  readonly timeoutMs?: number;
  /** Names the connection on the server. */
  readonly clientName?: string;
  /**
   * Tells the time instead of the server. Processes that share a cache leave it out: then one clock decides
   * for all of them.
   */
  readonly clock?: Pick<Clock, 'nowMs'>;
}

/**
 * A user may sign in and be allowed nothing: what every call needs is done once at the start, on a key of this start
 * alone, since others start at the same time and a bucket is not a value.
 */
async function mustBeAllowed(connection: Connection, prefix: string): Promise<void> {
  const key = `${prefix}:probe:${randomUUID()}`;
  try {
    await connection.run('take', (redis) => redis.takeTokens(key, '1', '1', '1', ''));
    await connection.run('set', (redis) => redis.set(key, '', { expiration: { type: 'PX', value: 1 } }));
    await connection.run('get', (redis) => redis.get(key));
    await connection.run('delete', (redis) => redis.del(key));
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/** The value, and when it is over by the given clock (0: the server decides). */
type StoredValue = readonly [value: string, expiresAtMs: number];

/**
 * A cache on Redis 4 or newer, or Valkey. Values and buckets go by themselves when they are over. Rejects with
 * a retryable `STORE_UNAVAILABLE` where no server answers, with `CONFIGURATION_INVALID` where the address is
 * none or the user may not. While the server is away every call throws `STORE_UNAVAILABLE` at once; the
 * connection comes back by itself.
 */
export async function createRedisCache(options: RedisCacheOptions): Promise<Cache> {
  const { prefix, clock, timeoutMs = 1_000 } = options;
  const connection = await Connection.open({ ...options, timeoutMs });
  await mustBeAllowed(connection, prefix);
  const nameOf = (kind: 'value' | 'bucket', { tenantId }: DocumentScope, key: string): string =>
    // As JSON no scope and key can spell another's, and a lone surrogate stays what it is.
    `${prefix}:${kind}:${JSON.stringify([tenantId, key])}`;
  return {
    async get(scope, key) {
      const text = await connection.run('get', (redis) => redis.get(nameOf('value', scope, key)));
      if (text === null) return null;
      const [value, expiresAtMs] = JSON.parse(text) as StoredValue;
      return clock === undefined || clock.nowMs() < expiresAtMs ? value : null;
    },
    async set(scope, key, value, ttlMs) {
      const stored: StoredValue = [value, clock === undefined ? 0 : clock.nowMs() + ttlMs];
      const expiration = { type: 'PX', value: Math.max(1, Math.ceil(ttlMs)) } as const;
      await connection.run('set', (redis) =>
        redis.set(nameOf('value', scope, key), JSON.stringify(stored), { expiration }),
      );
    },
    async delete(scope, key) {
      await connection.run('delete', (redis) => redis.del(nameOf('value', scope, key)));
    },
    async take(scope, key, { ratePerSecond, burst }: TokenBucket, cost) {
      const time = clock === undefined ? '' : String(clock.nowMs());
      const args = [String(ratePerSecond), String(burst), String(cost), time];
      const missing = await connection.run('take', (redis) =>
        redis.takeTokens(nameOf('bucket', scope, key), ...args),
      );
      if (missing <= 0) return { granted: true, retryAfterMs: 0 };
      return { granted: false, retryAfterMs: cost > burst ? Infinity : Math.ceil(missing / ratePerSecond) };
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
