import { describe, expect, it } from 'vitest';

import { defaultRules } from './default-rules.ts';
import { sightingOf } from './rule-finding.ts';

const hourMs = 3_600_000;

describe('how severe a silence is', () => {
  const rule = defaultRules.find(({ ruleId }) => ruleId === 'device-silent');

  function severityOf(workstation: boolean | undefined, onHours: number) {
    if (rule === undefined) throw new Error('there is no such rule');
    const ids = { tenantId: 'acme', ruleId: rule.ruleId, version: 1, deviceId: 'd1' };
    const owner = { ...ids, hostname: null, organizationId: null, name: '', silence: true };
    return sightingOf({
      rule,
      owner: workstation === undefined ? owner : { ...owner, workstation },
      timeMs: 0,
      phase: 'no-data',
      detection: {
        ...{ score: 0.5, kind: 'no-data' },
        reason: { summary: 'no data', values: { overdueMs: 1, onMs: onHours * hourMs } },
      },
    });
  }

  it.each([
    ['a workstation that was on for less than three days', true, 71.9, 'WARNING'],
    ['a workstation that is on always', true, 72, 'ERROR'],
    ['a server', false, 1, 'ERROR'],
    ['a device that did not say what it is', undefined, 1, 'ERROR'],
  ])('is by what the device is and how long it was on: %s', (_what, workstation, hours, severity) => {
    const { detail, rule: found } = severityOf(workstation, hours);
    expect(detail?.severity).toBe(severity);
    expect(found?.summary.includes('instead of ERROR')).toBe(severity === 'WARNING');
  });
});
