import { alertRuleSchema, type KeptRule } from '../../contracts/alert-rule.ts';

const minuteMs = 60_000;

/** What every tenant starts with. One of its own with the same id takes a rule's place, also to switch it off. */
export const defaultRules: readonly KeptRule[] = [
  {
    ruleId: 'device-silent',
    title: 'No data from the device',
    severity: 'ERROR',
    detect: {
      kind: 'absence',
      everyMs: minuteMs,
      lateMs: minuteMs,
      noDataMs: 4 * minuteMs,
      workstations: 'WARNING',
    },
  },
  {
    ruleId: 'site-silent',
    title: 'The site fell silent',
    severity: 'CRITICAL',
    detect: { kind: 'joint-silence' },
  },
  {
    ruleId: 'disk-nearly-full',
    title: 'A file system is nearly full',
    severity: 'ERROR',
    detect: {
      kind: 'threshold',
      metric: 'system.filesystem.utilization',
      above: 0.95,
      margin: 0.03,
      forMs: 10 * minuteMs,
    },
  },
  {
    ruleId: 'memory-exhausted',
    title: 'Memory is exhausted',
    severity: 'WARNING',
    detect: {
      kind: 'threshold',
      metric: 'system.memory.utilization',
      above: 0.97,
      margin: 0.05,
      forMs: 15 * minuteMs,
    },
  },
  {
    ruleId: 'failed-logins',
    title: 'Many failed logins',
    severity: 'ERROR',
    detect: {
      kind: 'rate',
      eventTypes: ['LOGIN_FAILED'],
      when: 'true',
      count: 20,
      withinMs: 5 * minuteMs,
    },
  },
  {
    ruleId: 'identity-cloned',
    title: 'Several machines report as one device',
    severity: 'ERROR',
    detect: {
      kind: 'pattern',
      eventTypes: ['DEVICE_UPDATED'],
      steps: ['sourceType == "openframe.device.cloned"'],
      withinMs: minuteMs,
    },
  },
  {
    ruleId: 'cpu-unusual',
    title: 'The processor load is unlike before',
    severity: 'WARNING',
    detect: { kind: 'metric-anomaly', metric: 'system.cpu.utilization' },
  },
  {
    ruleId: 'memory-unusual',
    title: 'The use of memory is unlike before',
    severity: 'WARNING',
    detect: { kind: 'metric-anomaly', metric: 'system.memory.utilization' },
  },
  {
    ruleId: 'log-templates',
    title: 'A log says something new',
    severity: 'WARNING',
    detect: { kind: 'log-templates' },
  },
].map((rule) => ({
  ...alertRuleSchema.parse(rule),
  version: 1,
  origin: 'default' as const,
  changedAtMs: null,
  changedBy: null,
}));
