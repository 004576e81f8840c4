import { fastify, type FastifyInstance } from 'fastify';

import { registerProblemHandler } from '../../agent-gateway/problem-handler.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import { type Principal, roleSchema } from '../../contracts/tenant.ts';
import { registerGraphql } from '../../query-api/graphql/graphql.ts';
import { createLiveTail, type TailedLog } from '../../query-api/live/live-tail.ts';
import { registerRest, type RestDeps } from '../../query-api/rest/rest.ts';

/** What a pipeline says of itself in tests. */
export const fixturePipeline: PipelineStatus = {
  name: 'telemetry',
  state: 'running',
  reason: null,
  from: ['telemetry.raw.v1'],
  to: 'telemetry.enriched.v1',
  recordsIn: 10,
  recordsOut: 8,
  deadLetters: 1,
  ratePerSecond: 2.5,
  lag: 0,
  latencyMs: { p50: 3, p99: 9, max: 12 },
  stages: [
    {
      name: 'dedupe',
      recordsIn: 10,
      emitted: 8,
      dropped: { duplicate: 1 },
      deadLetters: 1,
      ratePerSecond: 2.5,
      microsPerRecord: 1.2,
    },
  ],
};

/** The API on an app of its own, with the platform's problem handler. Tokens read `<tenant>.<role>`. */
export async function createRestApp(
  stores: Pick<RestDeps, 'eventLog' | 'analytics' | 'devices' | 'clock'> & { readonly log: TailedLog },
): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true });
  registerProblemHandler(app);
  const deps = {
    ...stores,
    tail: createLiveTail(stores),
    authenticate: (bearer: string) => Promise.resolve().then(() => principalOf(bearer)),
    pipelines: () => Promise.resolve([fixturePipeline]),
  };
  await registerRest(app, deps);
  await registerGraphql(app, { ...deps, graphiql: true });
  return app;
}

function principalOf(bearer: string): Principal {
  const [tenantId = '', role] = bearer.split('.');
  if (role === 'expired')
    throw new OpenFrameError('TOKEN_EXPIRED', 'The token has expired; ask for a new one.');
  const known = roleSchema.safeParse(role);
  if (!known.success) throw new OpenFrameError('TOKEN_INVALID', 'The token is not known here.');
  return { tenantId, role: known.data, tokenId: bearer };
}
