import { describe, expect, it } from 'vitest';

import { alertRuleSchema } from '../../contracts/alert-rule.ts';
import { examples, formOfRule, newRuleForm, ruleOfForm } from './rule-form-state.ts';

describe('the form of a rule', () => {
  it.each(Object.entries(examples))('begins with an example that is a rule: %s', (_kind, detect) => {
    const form = { ...newRuleForm, title: 'Too much', detect: JSON.stringify(detect) };
    expect(ruleOfForm(form)).toMatchObject({ rule: { ruleId: 'too-much', enabled: true } });
  });

  it('gives back the rule that it was made of', () => {
    const rule = alertRuleSchema.parse({
      ...{ ruleId: 'x', title: 'X', severity: 'CRITICAL', enabled: false, deviceIds: ['a', 'b'] },
      detect: examples.pattern,
    });
    expect(ruleOfForm(formOfRule(rule))).toEqual({ rule });
  });

  it('says what is wrong: no JSON, no title, no such kind', () => {
    expect(ruleOfForm({ ...newRuleForm, detect: '{' })).toEqual({ fault: 'What it looks for is no JSON.' });
    expect(ruleOfForm(newRuleForm)).toHaveProperty('fault');
    expect(ruleOfForm({ ...newRuleForm, title: 'x', detect: '{"kind":"magic"}' })).toMatchObject({
      fault: expect.stringContaining('detect') as string,
    });
  });
});
