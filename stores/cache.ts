import type { DocumentScope } from './documents.ts';

/**
 * Short-lived values with a time to live, and counters for rate limits (Redis; memory). Losing all of it
 * costs speed, never data. Calls throw a retryable `STORE_UNAVAILABLE` while the engine is away.
 */
export interface Cache extends AsyncDisposable {
  get(scope: DocumentScope, key: string): Promise<string | null>;
  set(scope: DocumentScope, key: string, value: string, ttlMs: number): Promise<void>;
  delete(scope: DocumentScope, key: string): Promise<void>;
  /**
   * Takes `cost` from a token bucket that all users of the cache share. Synchronous in memory; all or nothing.
   */
  take(scope: DocumentScope, key: string, bucket: TokenBucket, cost: number): Promise<Taken>;
  /** What it does without for now and why, in one sentence; null where it has all. */
  degraded?(): string | null;
}

/** Starts full. */
export interface TokenBucket {
  readonly ratePerSecond: number;
  /** So many tokens it holds at most. */
  readonly burst: number;
  /** Each process may keep a bucket of its own, where asking the others would cost more than it saves. */
  readonly perProcess?: true;
}

export interface Taken {
  readonly granted: boolean;
  /** When the same cost would be granted, if nobody else took any: Infinity where it is more than `burst`. */
  readonly retryAfterMs: number;
}
