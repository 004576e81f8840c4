import { type AlertRule, type KeptRule, keptRuleSchema } from '../contracts/alert-rule.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';
import { createTenantSettings, type SettingsSnapshot } from './tenant-settings.ts';

/** The rules of all tenants: the default ones, and in their place or beside them what a tenant has set. */
export interface RuleRegistry {
  /** By id. */
  list(scope: TenantScope): Promise<readonly KeptRule[]>;
  /**
   * Puts a rule in the place of the one with its id; its version is one higher. Throws `ARGUMENT_INVALID` where a
   * condition is no CEL, and `QUOTA_EXCEEDED` beyond 200 rules of a tenant.
   */
  set(principal: Principal, rule: AlertRule): Promise<KeptRule>;
  /** Takes a tenant's rule away; a default one takes its place again. Throws `NOT_FOUND`. */
  remove(principal: Principal, ruleId: string): Promise<void>;
  /** What is in force, for detection: read from the store every 5 s, the same object while nothing changed. */
  current(): Promise<{ rulesOf(tenantId: string): readonly KeptRule[] }>;
}

export interface RuleRegistryDeps {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly defaults: readonly KeptRule[];
  /** Throws `ARGUMENT_INVALID` where the rule cannot be run. */
  readonly check: (rule: AlertRule) => void;
}

export function createRuleRegistry({ documents, clock, defaults, check }: RuleRegistryDeps): RuleRegistry {
  const settings = createTenantSettings<AlertRule & Pick<KeptRule, 'origin'>, KeptRule>({
    ...{ documents, clock, schema: keptRuleSchema, collection: 'alert-rules', noun: 'rule' },
  });
  let current: ReturnType<typeof ruleSetOf> | undefined;
  return {
    list: async (scope) => inForce(defaults, await settings.of(scope)),
    async set(principal, rule) {
      check(rule);
      const isDefault = defaults.some(({ ruleId }) => ruleId === rule.ruleId);
      return settings.set(principal, rule.ruleId, { ...rule, origin: 'tenant' }, isDefault ? 1 : 0);
    },
    remove: (principal, ruleId) => settings.remove(principal, ruleId),
    async current() {
      const from = await settings.current();
      if (current?.from !== from) current = ruleSetOf(defaults, from);
      return current;
    },
  };
}

function ruleSetOf(defaults: readonly KeptRule[], from: SettingsSnapshot<KeptRule>) {
  const known = new Map<string, readonly KeptRule[]>();
  return {
    from,
    rulesOf(tenantId: string) {
      let rules = known.get(tenantId);
      if (rules === undefined) known.set(tenantId, (rules = inForce(defaults, from.of(tenantId))));
      return rules;
    },
  };
}

function inForce(defaults: readonly KeptRule[], own: ReadonlyMap<string, KeptRule>): readonly KeptRule[] {
  const rules = new Map(defaults.map((rule) => [rule.ruleId, rule]));
  for (const [ruleId, rule] of own) rules.set(ruleId, rule);
  return [...rules.values()].sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}
