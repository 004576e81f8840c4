import { z } from 'zod';

import { alertRuleSchema, type KeptRule, keptRuleSchema } from '../../contracts/alert-rule.ts';
import { ruleTrialSchema } from '../../contracts/rule-trial.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { RuleRegistry } from '../../stores/rule-registry.ts';
import type { RuleTrials } from '../questions/rule-trials.ts';
import { textParameter } from './parameters.ts';
import { actRoute, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

/** Whoever may change what the whole tenant is alerted about. */
export const ruleAuthors: readonly Role[] = ['operator', 'admin'];
export const trialHours = z
  .number()
  .int()
  .min(1)
  .max(72)
  .default(24)
  .describe('So far back, as far as the log reaches.');
const ruleParameter = z.strictObject({ ruleId: textParameter('The rule.', 64) });

const answeredRuleSchema = keptRuleSchema
  .omit({ changedAtMs: true })
  .extend({ changedAt: z.iso.datetime().nullable() })
  .meta({ id: 'AlertRule' });

export interface RuleRouteDeps {
  readonly rules: Pick<RuleRegistry, 'list' | 'set' | 'remove'>;
  readonly ruleTrials: RuleTrials;
}

/** The rules of detection: what is in force, and what a change would have done. */
export function createRuleRoutes(deps: RuleRouteDeps): RestRoute[] {
  return [listRoute(deps), setRoute(deps), removeRoute(deps), testRoute(deps)];
}

function listRoute({ rules }: RuleRouteDeps): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/rules',
    operationId: 'listRules',
    summary: 'The rules that detection runs',
    tag: 'rules',
    description: 'The default rules and those that the tenant has set, by id.',
    content: { [jsonType]: pageOf(answeredRuleSchema) },
    handle: async ({ principal }) => ({
      items: (await rules.list(principal)).map(toAnswer),
      nextCursor: null,
    }),
  });
}

function setRoute({ rules }: RuleRouteDeps): RestRoute {
  return actRoute({
    path: '/rules',
    operationId: 'setRule',
    summary: 'Set a rule',
    tag: 'rules',
    params: noParameters,
    body: alertRuleSchema,
    description: 'The rule as it is kept; in force within 5 s, in the place of the one with its id.',
    content: { [jsonType]: answeredRuleSchema },
    roles: ruleAuthors,
    handle: async ({ principal, body }) => toAnswer(await rules.set(principal, body)),
  });
}

function removeRoute({ rules }: RuleRouteDeps): RestRoute {
  return actRoute({
    path: '/rules/{ruleId}/remove',
    operationId: 'removeRule',
    summary: "Take the tenant's rule away",
    tag: 'rules',
    params: ruleParameter,
    body: noParameters,
    description: 'The rules that are in force now: a default one is back in its place.',
    content: { [jsonType]: pageOf(answeredRuleSchema) },
    roles: ruleAuthors,
    handle: async ({ principal, params: { ruleId } }) => {
      await rules.remove(principal, ruleId);
      return { items: (await rules.list(principal)).map(toAnswer), nextCursor: null };
    },
  });
}

function testRoute({ ruleTrials }: RuleRouteDeps): RestRoute {
  return actRoute({
    path: '/rules/test',
    operationId: 'testRule',
    summary: 'What a rule would have done',
    tag: 'rules',
    params: noParameters,
    body: z.strictObject({
      rule: alertRuleSchema,
      hours: trialHours,
    }),
    description:
      'The alerts that would have come or gone on the stored stream, with this rule and without it.',
    content: { [jsonType]: ruleTrialSchema.meta({ id: 'RuleTrial' }) },
    roles: ruleAuthors,
    handle: ({ principal, body: { rule, hours } }) => ruleTrials.test(principal, rule, hours),
  });
}

function toAnswer({ changedAtMs, ...rule }: KeptRule) {
  return { ...rule, changedAt: changedAtMs === null ? null : new Date(changedAtMs).toISOString() };
}
