import type { DocumentScope } from './documents.ts';

/**
 * Short-lived values with a time to live, and counters for rate limits (Redis; memory). Losing all of it
 * costs speed, never data.
 */
export interface Cache extends AsyncDisposable {
  get(scope: DocumentScope, key: string): Promise<string | null>;
  set(scope: DocumentScope, key: string, value: string, ttlMs: number): Promise<void>;
  delete(scope: DocumentScope, key: string): Promise<void>;
  /**
   * Takes `cost` from a token bucket that holds `burst` and refills `ratePerSecond`. Synchronous in memory;
   * all or nothing. `retryAfterMs` says when the same cost would be granted: Infinity where it is more than
   * `burst`, so never.
   */
  take(
    scope: DocumentScope,
    key: string,
    bucket: { readonly ratePerSecond: number; readonly burst: number },
    cost: number,
  ): Promise<{ readonly granted: boolean; readonly retryAfterMs: number }>;
}
