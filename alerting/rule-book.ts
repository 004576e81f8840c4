import type { KeptRule } from '../contracts/alert-rule.ts';

/** The rules in force, by tenant; a tenant that is not named has the default ones. Never changed in place. */
export interface RuleSet {
  rulesOf(tenantId: string): readonly KeptRule[];
}

/** Where detection gets its rules. Asked once a batch, so it answers from memory and reads again every few seconds. */
export interface RuleBook {
  /** The same object as long as no rule changed. Throws `STORE_UNAVAILABLE`, retryable, where none was ever read. */
  current(): Promise<RuleSet>;
}
