import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';

const collection = 'model-tokens';
const mostRows = 10_000;

/** Tokens that were set aside for one question, and what it took in the end. */
export interface Reservation {
  /** Called once. What is never settled counts whole until the day is over. */
  settle(tokens: number): Promise<void>;
}

/** What models take, by tenant and day (UTC), kept durably: a restart forgets nothing. */
export interface TokenLedger {
  /**
   * Sets tokens aside before a question is asked; null where the day's budget does not hold them. Of several at the
   * same time, from any process, none goes over the budget: each writes its row first and counts after.
   */
  reserve(scope: TenantScope, tokens: number): Promise<Reservation | null>;
  /** 0 or more. */
  left(scope: TenantScope): Promise<number>;
}

interface LedgerRow {
  readonly tokens: number;
}

export function createTokenLedger(deps: {
  readonly documents: Pick<DocumentStore, 'put' | 'delete' | 'list'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Unique. */
  readonly newId: () => string;
  readonly tokensPerDay: number;
}): TokenLedger {
  const { documents, clock, newId, tokensPerDay } = deps;
  const today = (): string => new Date(clock.nowMs()).toISOString().slice(0, 10);
  const rowsOf = (scope: TenantScope) => documents.list<LedgerRow>(scope, collection, { limit: mostRows });
  const taken = async (scope: TenantScope, day: string): Promise<number> =>
    (await rowsOf(scope))
      .filter(({ id }) => id.startsWith(day))
      .reduce((sum, { document }) => sum + document.tokens, 0);
  return {
    async reserve(scope, tokens) {
      const day = today();
      for (const { id } of await rowsOf(scope))
        if (id.slice(0, day.length) < day) await documents.delete(scope, collection, id);
      const id = `${day} ${newId()}`;
      await documents.put(scope, collection, id, { tokens });
      if ((await taken(scope, day)) > tokensPerDay) {
        await documents.delete(scope, collection, id);
        return null;
      }
      return { settle: (took) => documents.put(scope, collection, id, { tokens: took }) };
    },
    left: async (scope) => Math.max(0, tokensPerDay - (await taken(scope, today()))),
  };
}
