import { z } from 'zod';

import { alertStates, alertStatuses } from '../../contracts/alert.ts';
import { alertIdLength } from '../questions/alert-page.ts';
import { incidentAnswer } from '../rest/incident-routes.ts';
import { parentAnswer } from '../rest/parent-routes.ts';
import { windowAnswer } from '../rest/window-routes.ts';
import { textParameter, wholeNumberParameter } from '../rest/parameters.ts';
import { countedParts } from './alert-resolvers.ts';
import { parseArguments } from './arguments.ts';
import type { Resolver } from './resolvers.ts';

const filterSchema = z.object({
  statuses: z.array(z.enum(alertStatuses)).nullish(),
  states: z.array(z.enum(alertStates)).nullish(),
});
const listSchema = filterSchema.extend({
  first: wholeNumberParameter('', 1, 200, 50),
});
const idSchema = z.object({ incidentId: textParameter('', alertIdLength) });

/** The questions about incidents, windows and what is hidden. */
export const incidentQueries: Readonly<Record<string, Resolver<unknown>>> = {
  async incidents(_source, given, { stores, principal }) {
    const { statuses, states, first } = parseArguments(listSchema, given);
    const request = { statuses: statuses ?? undefined, states: states ?? undefined, limit: first };
    return (await stores.alerts.incidents(principal, request)).map((one) => ({
      ...incidentAnswer(one),
      children: null,
    }));
  },
  async incidentStats(_source, given, { stores, principal }) {
    const { statuses, states } = parseArguments(filterSchema, given);
    const filter = { statuses: statuses ?? undefined, states: states ?? undefined };
    return countedParts(await stores.alerts.incidentStats(principal, filter));
  },
  async incident(_source, given, { stores, principal }) {
    const found = await stores.alerts.incident(principal, parseArguments(idSchema, given).incidentId);
    return found === null
      ? null
      : { ...incidentAnswer(found.incident), children: found.alerts.slice(0, 200) };
  },
  suppressionStats: (_source, _given, { stores, principal }) => stores.alerts.suppression(principal),
  deviceParents: async (_source, _given, { stores, principal }) =>
    (await stores.parents.list(principal)).map(parentAnswer),
  noiseStats: (_source, _given, { stores, principal }) => stores.alerts.noise(principal),
  maintenanceWindows: async (_source, _given, { stores, principal }) =>
    (await stores.windows.list(principal)).map((window) =>
      windowAnswer(stores.windowPlans, window, stores.clock.nowMs()),
    ),
};
