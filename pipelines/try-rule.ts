import { checkRule } from '../alerting/rules/check-rule.ts';
import type { AlertRule, KeptRule } from '../contracts/alert-rule.ts';
import type { Alert, StreamedAlert } from '../contracts/alert.ts';
import type { RuleTrial, TriedAlert } from '../contracts/rule-trial.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { replayAlerts, type ReplayDeps } from './replay-alerts.ts';

export interface RuleTrialDeps extends ReplayDeps {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** The rules that are in force. */
  readonly rules: { list(scope: TenantScope): Promise<readonly KeptRule[]> };
  /** Alerts that people called useful, whose last report is at `fromMs` or later. */
  readonly useful: (scope: TenantScope, fromMs: number) => Promise<readonly Alert[]>;
}

const hourMs = 3_600_000;
const mostListed = 100;

/**
 * Runs the stored stream of a tenant through detection, grouping and scoring twice, with the rules in force and with
 * `rule` in the place of the one with its id, and says which alerts differ. Throws `ARGUMENT_INVALID` for a rule that
 * cannot run. Nothing is written.
 */
export async function tryRule(
  deps: RuleTrialDeps,
  scope: TenantScope,
  rule: AlertRule,
  hours: number,
): Promise<RuleTrial> {
  checkRule(rule);
  const fromMs = deps.clock.nowMs() - hours * hourMs;
  const before = await deps.rules.list(scope);
  const version = 1 + (before.find(({ ruleId }) => ruleId === rule.ruleId)?.version ?? 0);
  const tried: KeptRule = { ...rule, version, origin: 'tenant', changedAtMs: null, changedBy: null };
  const after = [...before.filter(({ ruleId }) => ruleId !== rule.ruleId), tried];
  const [without, withIt] = await replayAlerts(deps, scope, fromMs, [before, after]);
  const useful = await deps.useful(scope, fromMs);
  const missed = useful.filter((alert) => without.has(alert) && !withIt.has(alert));
  return {
    ruleId: rule.ruleId,
    events: withIt.events,
    fromMs: withIt.fromMs,
    toMs: withIt.toMs,
    alertsBefore: without.alerts.length,
    alertsAfter: withIt.alerts.length,
    gained: listed(withIt.alerts.filter((alert) => !without.has(alert))),
    lost: listed(without.alerts.filter((alert) => !withIt.has(alert))),
    missed: missed.slice(0, mostListed).map(({ alertId, title }) => ({ alertId, title })),
  };
}

function listed(alerts: readonly StreamedAlert[]): TriedAlert[] {
  return [...alerts]
    .sort((a, b) => b.score - a.score)
    .slice(0, mostListed)
    .map(({ title, severity, score, count, hosts, firstEventTimeMs, lastEventTimeMs }) => {
      return { title, severity, score, count, hosts, firstEventTimeMs, lastEventTimeMs };
    });
}
