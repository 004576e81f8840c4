import type { AlertRule, KeptRule } from '../contracts/alert-rule.ts';
import type { RuleTrial } from '../contracts/rule-trial.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import { tryRule } from '../pipelines/try-rule.ts';
import type { Clock } from '../streams/clock.ts';
import { operatorOf } from './operator.ts';
import type { Stores } from './stores.ts';

/** What an operator does with a tenant's rules. */
export interface RuleOperations {
  list(scope: TenantScope): Promise<readonly KeptRule[]>;
  set(scope: TenantScope, rule: AlertRule): Promise<KeptRule>;
  remove(scope: TenantScope, ruleId: string): Promise<void>;
  test(scope: TenantScope, rule: AlertRule, hours: number): Promise<RuleTrial>;
}

const mostUseful = 10_000;

export function ruleOperations({
  stores: { rules, alerts, log },
  clock,
}: {
  readonly stores: Pick<Stores, 'rules' | 'alerts' | 'log'>;
  readonly clock: Clock;
}): RuleOperations {
  const useful = async (scope: TenantScope, fromMs: number) => {
    const found = await alerts.list(scope, { fromMs, sort: 'newest', limit: mostUseful });
    return found.filter(({ verdict }) => verdict === 'useful');
  };
  return {
    list: (scope) => rules.list(scope),
    set: (scope, rule) => rules.set(operatorOf(scope), rule),
    remove: (scope, ruleId) => rules.remove(operatorOf(scope), ruleId),
    test: (scope, rule, hours) => tryRule({ log, clock, rules, useful }, scope, rule, hours),
  };
}
