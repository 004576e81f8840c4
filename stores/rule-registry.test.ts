import { describe, expect, it } from 'vitest';

import type { AlertRule, KeptRule } from '../contracts/alert-rule.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { createManualClock } from '../streams/clock.ts';
import { createEmbeddedDocuments } from './embedded/documents.ts';
import { createRuleRegistry } from './rule-registry.ts';

const rule: AlertRule = {
  ruleId: 'logs',
  title: 'Logs',
  severity: 'WARNING',
  enabled: true,
  detect: { kind: 'log-templates' },
};
const kept: KeptRule = { ...rule, version: 1, origin: 'default', changedAtMs: null, changedBy: null };
const acme = { tenantId: 'acme', tokenId: 't1', role: 'admin' } as const;

function open() {
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  const clock = createManualClock(1000);
  const check = ({ title }: AlertRule): void => {
    if (title === 'bad') throw new OpenFrameError('ARGUMENT_INVALID', 'It cannot run.');
  };
  return { documents, clock, rules: createRuleRegistry({ documents, clock, defaults: [kept], check }) };
}

describe('the rules of a tenant', () => {
  it('are the default ones until it sets others in their place, with who did it', async () => {
    const { rules } = open();
    expect(await rules.list(acme)).toEqual([kept]);
    const set = await rules.set(acme, { ...rule, enabled: false });
    expect(set).toMatchObject({ version: 2, origin: 'tenant', changedBy: 't1', changedAtMs: 1000 });
    await rules.set(acme, { ...rule, ruleId: 'more' });
    expect((await rules.list(acme)).map(({ ruleId, version }) => [ruleId, version])).toEqual([
      ['logs', 2],
      ['more', 1],
    ]);
    expect(await rules.list({ tenantId: 'umbrella' })).toEqual([kept]);
  });

  it('never have a version twice, also when a rule comes back', async () => {
    const { rules } = open();
    await rules.set(acme, rule);
    await rules.remove(acme, 'logs');
    expect(await rules.list(acme)).toEqual([kept]);
    expect(await rules.set(acme, rule)).toMatchObject({ version: 3 });
    await expect(rules.remove(acme, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are refused where they cannot run, and beyond a number', async () => {
    const { rules } = open();
    await expect(rules.set(acme, { ...rule, title: 'bad' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
    for (let i = 0; i < 200; i++) await rules.set(acme, { ...rule, ruleId: `r${i}` });
    await expect(rules.set(acme, rule)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await rules.set(acme, { ...rule, ruleId: 'r7' })).toMatchObject({ version: 2 });
  });

  it('reach detection within seconds, as the same object while none changed', async () => {
    const { rules, documents, clock } = open();
    const elsewhere = createRuleRegistry({ documents, clock, defaults: [kept], check: () => {} });
    const before = await elsewhere.current();
    await rules.set(acme, { ...rule, enabled: false });
    expect(await elsewhere.current()).toBe(before);
    await clock.advance(5_000);
    const after = await elsewhere.current();
    expect(after.rulesOf('acme')).toMatchObject([{ enabled: false }]);
    expect(after.rulesOf('umbrella')).toEqual([kept]);
    await clock.advance(5_000);
    expect(await elsewhere.current()).toBe(after);
  });
});
