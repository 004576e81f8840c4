import { z } from 'zod';

import { alertRuleSchema } from '../../contracts/alert-rule.ts';
import { deviceParentSchema } from '../../contracts/device-parent.ts';
import { maintenanceWindowSchema } from '../../contracts/maintenance-window.ts';
import { requireRole } from '../questions/require-role.ts';
import { parentAnswer, parentAuthors } from '../rest/parent-routes.ts';
import { textParameter } from '../rest/parameters.ts';
import { parseBody } from '../rest/parse-request.ts';
import { ruleAuthors, trialHours } from '../rest/rule-routes.ts';
import { windowAnswer, windowPlanners } from '../rest/window-routes.ts';
import { givenMembers, parseArguments } from './arguments.ts';
import type { Resolver } from './resolvers.ts';

const ruleIdSchema = z.object({ ruleId: textParameter('', 64) });
const windowIdSchema = z.object({ windowId: textParameter('', 64) });
const parentIdSchema = z.object({ parentId: textParameter('', 256) });
const trialSchema = z.object({ hours: trialHours });

/** Changes of rules, maintenance windows and parents, by the roles of REST. */
export const settingMutations: Readonly<Record<string, Resolver<unknown>>> = {
  setAlertRule(_source, { rule }, { stores, principal }) {
    requireRole(principal, ruleAuthors);
    return stores.rules.set(principal, parseBody(alertRuleSchema, givenMembers(rule)));
  },
  async removeAlertRule(_source, args, { stores, principal }) {
    requireRole(principal, ruleAuthors);
    await stores.rules.remove(principal, parseArguments(ruleIdSchema, args).ruleId);
    return stores.rules.list(principal);
  },
  testAlertRule(_source, { rule, hours }, { stores, principal }) {
    requireRole(principal, ruleAuthors);
    const far = parseBody(trialSchema, givenMembers({ hours }));
    return stores.ruleTrials.test(principal, parseBody(alertRuleSchema, givenMembers(rule)), far.hours);
  },
  async setMaintenanceWindow(_source, { window }, { stores, principal }) {
    requireRole(principal, windowPlanners);
    const set = await stores.windows.set(principal, parseBody(maintenanceWindowSchema, givenMembers(window)));
    return windowAnswer(stores.windowPlans, set, stores.clock.nowMs());
  },
  async endMaintenanceWindow(_source, args, { stores, principal }) {
    requireRole(principal, windowPlanners);
    const { windowId } = parseArguments(windowIdSchema, args);
    const ended = await stores.windows.end(principal, windowId);
    return windowAnswer(stores.windowPlans, ended, stores.clock.nowMs());
  },
  async removeMaintenanceWindow(_source, args, { stores, principal }) {
    requireRole(principal, windowPlanners);
    await stores.windows.remove(principal, parseArguments(windowIdSchema, args).windowId);
    const left = await stores.windows.list(principal);
    return left.map((window) => windowAnswer(stores.windowPlans, window, stores.clock.nowMs()));
  },
  async setDeviceParent(_source, { parent }, { stores, principal }) {
    requireRole(principal, parentAuthors);
    return parentAnswer(
      await stores.parents.set(principal, parseBody(deviceParentSchema, givenMembers(parent))),
    );
  },
  async removeDeviceParent(_source, args, { stores, principal }) {
    requireRole(principal, parentAuthors);
    await stores.parents.remove(principal, parseArguments(parentIdSchema, args).parentId);
    return (await stores.parents.list(principal)).map(parentAnswer);
  },
};
