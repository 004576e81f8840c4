import { OpenFrameError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tenant.ts';
import type { Clock } from '../../streams/clock.ts';

/** So many refusals of one token are read at once, and so many a second over time. */
export const refusalsAtOnce = 100;
const refusalsPerSecond = 10;
/** So long a document costs as much again as refusing anything. */
const lengthOfOne = 1_024;
/** Tokens that are remembered before those that have paid are forgotten. */
const tokensKept = 1_000;

/** What a token may cost by operations that are refused: reading one takes milliseconds that others wait for. */
export interface RefusalBudget {
  /** Before an operation is read. Throws `QUOTA_EXCEEDED` for a token that has been refused too often just now. */
  check(principal: Principal): void;
  /** Counts as one, and as one more for each 1,024 characters of its document: what reading it takes. */
  refused(principal: Principal, documentLength: number): void;
}

export function createRefusalBudget(clock: Clock): RefusalBudget {
  const debts = new Map<string, { readonly count: number; readonly atMs: number }>();
  const debtOf = (tokenId: string): number => {
    const debt = debts.get(tokenId);
    if (debt === undefined) return 0;
    return Math.max(0, debt.count - ((clock.nowMs() - debt.atMs) / 1_000) * refusalsPerSecond);
  };
  return {
    check({ tokenId }) {
      const over = debtOf(tokenId) - refusalsAtOnce;
      if (over < 0) return;
      const retryAfterMs = Math.ceil(((over + 1) / refusalsPerSecond) * 1_000);
      throw new OpenFrameError(
        'QUOTA_EXCEEDED',
        'Too many operations of this token were refused just now: mend what was wrong with them and ask again in a moment.',
        { retryable: true, details: { limit: refusalsAtOnce, retryAfterMs } },
      );
    },
    refused({ tokenId }, documentLength) {
      const count = debtOf(tokenId) + 1 + Math.floor(documentLength / lengthOfOne);
      debts.set(tokenId, { count, atMs: clock.nowMs() });
      if (debts.size <= tokensKept) return;
      for (const known of debts.keys()) if (debtOf(known) === 0) debts.delete(known);
    },
  };
}
