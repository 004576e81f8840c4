import type { AlertRule } from '../../contracts/alert-rule.ts';
import type { RuleTrial } from '../../contracts/rule-trial.ts';
import type { TenantScope } from '../../contracts/tenant.ts';

/** Answers what a rule would have done on what is stored. */
export interface RuleTrials {
  /** Reads the log, so it takes seconds. Throws `ARGUMENT_INVALID` for a rule that cannot run. */
  test(scope: TenantScope, rule: AlertRule, hours: number): Promise<RuleTrial>;
}
