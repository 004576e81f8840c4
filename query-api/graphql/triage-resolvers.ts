import { z } from 'zod';

import { alertIdLength } from '../questions/alert-page.ts';
import { textParameter } from '../rest/parameters.ts';
import { askTriage, triageAnswer } from '../rest/triage-routes.ts';
import { parseArguments } from './arguments.ts';
import type { Resolver } from './resolvers.ts';

const idSchema = z.object({ incidentId: textParameter('', alertIdLength) });

export const triageQueries: Readonly<Record<string, Resolver<unknown>>> = {
  async incidentTriage(_source, given, { stores, principal }) {
    const found = await stores.triage.read(principal, parseArguments(idSchema, given).incidentId);
    return found === null ? null : triageAnswer(found);
  },
};

export const triageMutations: Readonly<Record<string, Resolver<unknown>>> = {
  triageIncident: (_source, given, { stores, principal, signal }) =>
    askTriage(stores.triage, principal, parseArguments(idSchema, given).incidentId, signal),
};
