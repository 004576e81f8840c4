import { type AlertRule, alertRuleSchema } from '../../contracts/alert-rule.ts';
import { idOf, listOf, textOfList } from '../settings/field.tsx';

/** What `detect` looks like, by kind: what a new rule begins with. */
export const examples: Readonly<Record<AlertRule['detect']['kind'], object>> = {
  threshold: {
    kind: 'threshold',
    metric: 'system.memory.utilization',
    above: 0.9,
    margin: 0.05,
    forMs: 300_000,
  },
  absence: { kind: 'absence', everyMs: 60_000, lateMs: 60_000, noDataMs: 240_000 },
  rate: { kind: 'rate', eventTypes: ['LOGIN_FAILED'], when: 'true', count: 20, withinMs: 300_000 },
  pattern: {
    kind: 'pattern',
    eventTypes: ['SYSTEM_ERROR'],
    steps: ['summary.contains("stopping")', 'summary.contains("failed")'],
    withinMs: 600_000,
  },
  'metric-anomaly': { kind: 'metric-anomaly', metric: 'system.cpu.utilization', everyMs: 300_000 },
  'log-templates': { kind: 'log-templates' },
  'joint-silence': { kind: 'joint-silence', least: 3, share: 0.5 },
};

/** The form as it stands: texts, whatever a person has typed. */
export interface RuleForm {
  /** Of the rule that is changed; null for a new one. */
  readonly ruleId: string | null;
  readonly title: string;
  readonly severity: string;
  readonly enabled: boolean;
  readonly deviceIds: string;
  readonly organizationIds: string;
  /** JSON. */
  readonly detect: string;
}

export const newRuleForm: RuleForm = {
  ...{ ruleId: null, title: '', severity: 'ERROR', enabled: true, deviceIds: '', organizationIds: '' },
  detect: JSON.stringify(examples.threshold, null, 2),
};

export function formOfRule(rule: AlertRule): RuleForm {
  const { ruleId, title, severity, enabled, deviceIds, organizationIds, detect } = rule;
  return {
    ...{ ruleId, title, severity, enabled },
    deviceIds: textOfList(deviceIds),
    organizationIds: textOfList(organizationIds),
    detect: JSON.stringify(detect, null, 2),
  };
}

/** The rule that the form says, or what is wrong with it. Conditions are checked by the server. */
export function ruleOfForm(form: RuleForm): { readonly rule: AlertRule } | { readonly fault: string } {
  let detect: unknown;
  try {
    detect = JSON.parse(form.detect);
  } catch {
    return { fault: 'What it looks for is no JSON.' };
  }
  const [deviceIds, organizationIds] = [listOf(form.deviceIds), listOf(form.organizationIds)];
  const parsed = alertRuleSchema.safeParse({
    ...{ ruleId: form.ruleId ?? idOf(form.title), title: form.title, severity: form.severity },
    ...{ enabled: form.enabled, detect },
    ...(deviceIds === undefined ? {} : { deviceIds }),
    ...(organizationIds === undefined ? {} : { organizationIds }),
  });
  if (parsed.success) return { rule: parsed.data };
  const [issue] = parsed.error.issues;
  return { fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no rule'}` };
}
