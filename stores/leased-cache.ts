import { isRetryable, messageOf, OpenFrameError } from '../contracts/errors.ts';
import type { Clock } from '../streams/clock.ts';
import type { Cache, Taken, TokenBucket } from './cache.ts';
import { type DocumentScope, platformScope } from './documents.ts';
import { RecentMap } from './recent-map.ts';

export interface LeasedCacheOptions {
  /** Opens the cache that the processes share; called again while it throws what is worth a repeat. */
  readonly openShared: () => Promise<Cache>;
  /** This process's own: grants while the shared one is away. Closed with the result, as the shared one is. */
  readonly local: Cache;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** So much of a bucket's rate is taken ahead: about ten questions a second and bucket at its full rate. */
const aheadMs = 100;
/** No process keeps more of the burst than this from the others. */
const maxShareAhead = 0.1;
/** What was taken ahead and not used by then is lost, so that it is not added to a later burst. */
const leaseMs = 1_000;
/** So often a cache that is away is tried again. */
const retryMs = 1_000;
const maxLeases = 10_000;

/** Tokens that are this process's already, and what it was last refused. */
interface Lease {
  tokens: number;
  endsAtMs: number;
  refusedCost: number;
  refusedUntilMs: number;
  /** The questions under way, one after the other: each may be answered by what the one before brought. */
  queue: Promise<unknown> | null;
}

/**
 * A cache whose shared buckets are asked for in advance: tokens are leased, so that most takes need no answer
 * from elsewhere, and all processes together are never granted more than the bucket gives. While the shared
 * cache is away each process grants by its own buckets, so N processes up to N times the quota: a lost cache
 * costs precision, not events. `get`, `set` and `delete` are the shared cache's and throw while it is away.
 * Throws what `openShared` throws unless that is retryable.
 */
export async function createLeasedCache(options: LeasedCacheOptions): Promise<Cache> {
  const cache = new LeasedCache(options);
  await cache.open();
  return cache;
}

class LeasedCache implements Cache {
  readonly #options: LeasedCacheOptions;
  readonly #leases = new RecentMap<Lease>(maxLeases);
  #shared: Cache | undefined;
  #fault: string | null = null;
  #retryAtMs = 0;
  #probing: Promise<void> | null = null;
  #closed = false;

  constructor(options: LeasedCacheOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    try {
      const shared = await this.#options.openShared();
      if (this.#closed) return await shared[Symbol.asyncDispose]();
      this.#shared = shared;
      this.#fault = null;
    } catch (error) {
      this.#sayAway(error);
      if (!isRetryable(error)) throw error;
    }
    return undefined;
  }

  async get(scope: DocumentScope, key: string): Promise<string | null> {
    return this.#opened().get(scope, key);
  }

  async set(scope: DocumentScope, key: string, value: string, ttlMs: number): Promise<void> {
    return this.#opened().set(scope, key, value, ttlMs);
  }

  async delete(scope: DocumentScope, key: string): Promise<void> {
    return this.#opened().delete(scope, key);
  }

  take(scope: DocumentScope, key: string, bucket: TokenBucket, cost: number): Promise<Taken> {
    if (bucket.perProcess || this.#isAway()) return this.#options.local.take(scope, key, bucket, cost);
    if (cost > bucket.burst) return Promise.resolve({ granted: false, retryAfterMs: Infinity });
    const lease = this.#leaseOf(scope, key);
    const held = lease.queue === null ? takeHeld(lease, cost, this.#options.clock.nowMs()) : null;
    if (held !== null) return Promise.resolve(held);
    const taken = Promise.resolve(lease.queue).then(() => this.#ask(lease, scope, key, bucket, cost));
    lease.queue = taken;
    const leave = (): void => {
      if (lease.queue === taken) lease.queue = null;
    };
    taken.then(leave, leave);
    return taken;
  }

  degraded(): string | null {
    return this.#fault === null
      ? null
      : `Quotas are counted by each process alone, since the shared cache is away: ${this.#fault}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#probing;
    await this.#shared?.[Symbol.asyncDispose]();
    await this.#options.local[Symbol.asyncDispose]();
  }

  async #ask(
    lease: Lease,
    scope: DocumentScope,
    key: string,
    bucket: TokenBucket,
    cost: number,
  ): Promise<Taken> {
    const { clock, local } = this.#options;
    const held = takeHeld(lease, cost, clock.nowMs());
    if (held !== null) return held;
    const missing = cost - lease.tokens;
    const ahead = Math.floor(Math.min((bucket.ratePerSecond * aheadMs) / 1000, bucket.burst * maxShareAhead));
    try {
      if (this.#fault === null) {
        const shared = this.#opened();
        let asked = Math.min(missing + ahead, bucket.burst);
        let answer = await shared.take(scope, key, bucket, asked);
        while (!answer.granted && asked > missing) {
          // What a refusal tells of the rest: all of it at once, else a low bucket is asked for each token.
          const rest = Math.floor(asked - (answer.retryAfterMs * bucket.ratePerSecond) / 1000);
          asked = rest < asked ? Math.max(missing, rest) : missing;
          answer = await shared.take(scope, key, bucket, asked);
        }
        return settle(lease, cost, answer.granted ? asked : 0, answer.retryAfterMs, clock.nowMs());
      }
    } catch (error) {
      if (!isRetryable(error)) throw error;
      this.#sayAway(error);
    }
    return local.take(scope, key, bucket, cost);
  }

  /** Nobody waits for the cache to come back: it is tried in the background, by whoever comes by. */
  #isAway(): boolean {
    if (this.#fault === null) return false;
    if (this.#probing === null && !this.#closed && this.#options.clock.nowMs() >= this.#retryAtMs) {
      this.#probing = this.#probe().finally(() => {
        this.#probing = null;
      });
    }
    return true;
  }

  async #probe(): Promise<void> {
    try {
      if (this.#shared === undefined) return await this.open();
      await this.#shared.get(platformScope, 'is it back');
      this.#fault = null;
    } catch (error) {
      this.#sayAway(error);
    }
    return undefined;
  }

  #sayAway(error: unknown): void {
    this.#fault = messageOf(error);
    this.#retryAtMs = this.#options.clock.nowMs() + retryMs;
  }

  #opened(): Cache {
    if (this.#shared !== undefined) return this.#shared;
    throw new OpenFrameError('STORE_UNAVAILABLE', this.#fault ?? 'The shared cache is not open.', {
      retryable: true,
    });
  }

  #leaseOf(scope: DocumentScope, key: string): Lease {
    const name = `${scope.tenantId.length}:${scope.tenantId}:${key}`;
    let lease = this.#leases.get(name);
    if (lease === undefined) {
      lease = { tokens: 0, endsAtMs: 0, refusedCost: Infinity, refusedUntilMs: 0, queue: null };
      this.#leases.set(name, lease);
    }
    return lease;
  }
}

/** What can be answered without asking; null where it must be asked. */
function takeHeld(lease: Lease, cost: number, nowMs: number): Taken | null {
  if (nowMs >= lease.endsAtMs) lease.tokens = 0;
  if (cost <= lease.tokens) {
    lease.tokens -= cost;
    return { granted: true, retryAfterMs: 0 };
  }
  if (cost < lease.refusedCost || nowMs >= lease.refusedUntilMs) return null;
  return { granted: false, retryAfterMs: lease.refusedUntilMs - nowMs };
}

function settle(lease: Lease, cost: number, got: number, retryAfterMs: number, nowMs: number): Taken {
  if (got > 0) {
    lease.tokens += got - cost;
    lease.endsAtMs = nowMs + leaseMs;
    return { granted: true, retryAfterMs: 0 };
  }
  lease.refusedCost = cost;
  lease.refusedUntilMs = nowMs + retryAfterMs;
  return { granted: false, retryAfterMs };
}
