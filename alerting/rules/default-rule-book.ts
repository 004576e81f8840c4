import type { RuleBook } from '../rule-book.ts';
import { defaultRules } from './default-rules.ts';

/** The default rules for every tenant: where nobody has set others. */
export const defaultRuleBook: RuleBook = {
  current: () => Promise.resolve(defaultRuleSet),
};

const defaultRuleSet = { rulesOf: () => defaultRules };
