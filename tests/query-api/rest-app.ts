import { createTriageDesk } from '../../alerting/triage/triage-desk.ts';
import type { TriageMaker } from '../../alerting/triage.ts';
import { nextTimes } from '../../alerting/windows/next-times.ts';
import { fastify, type FastifyInstance } from 'fastify';

import { registerProblemHandler } from '../../agent-gateway/problem-handler.ts';
import type { DeadLetter } from '../../contracts/dead-letter.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import { type Principal, roleSchema } from '../../contracts/tenant.ts';
import { registerGraphql } from '../../query-api/graphql/graphql.ts';
import { createLiveTail, type TailedLog } from '../../query-api/live/live-tail.ts';
import { registerRest, type RestDeps } from '../../query-api/rest/rest.ts';
import type { DocumentStore } from '../../stores/documents.ts';
import { createTriageBook } from '../../stores/triage-book.ts';

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

export const fixtureDeadLetter: DeadLetter = {
  deadLetterId: 'letter-1',
  tenantId: 'acme',
  topology: 'telemetry',
  stage: 'decode',
  reason: 'NOT_JSON',
  error: null,
  topic: 'telemetry.raw.v1',
  partition: 0,
  offset: 7,
  eventTimeMs: 0,
  deadLetteredAtMs: 0,
  key: 'acme:/a',
  headers: {},
  value: 'e30=',
  replays: 0,
};

/** One dead letter of acme; nothing is done with it. */
const fixtureDeadLetters: RestDeps['deadLetters'] = {
  list: ({ tenantId, stage = 'decode' }) =>
    Promise.resolve(tenantId === 'acme' && stage === 'decode' ? [fixtureDeadLetter] : []),
  reasons: ({ tenantId }) =>
    Promise.resolve(
      tenantId === 'acme' ? [{ topology: 'telemetry', stage: 'decode', reason: 'NOT_JSON', count: 1 }] : [],
    ),
  replay: ({ tenantId }, { dryRun }) =>
    Promise.resolve({ replayed: tenantId === 'acme' ? 1 : 0, refused: 0, dryRun }),
};

/** A trial on a stream without events. */
const fixtureTrials: RestDeps['ruleTrials'] = {
  test: (_scope, { ruleId }) =>
    Promise.resolve({
      ...{ ruleId, events: 0, fromMs: null, toMs: null, alertsBefore: 0, alertsAfter: 0 },
      ...{ gained: [], lost: [], missed: [] },
    }),
};

/** The API on an app of its own, with the platform's problem handler and the dead letters given. Tokens read `<tenant>.<role>`. */
export async function createRestApp(
  stores: Pick<
    RestDeps,
    | 'eventLog'
    | 'analytics'
    | 'devices'
    | 'alerts'
    | 'rules'
    | 'windows'
    | 'parents'
    | 'notifications'
    | 'clock'
  > & {
    readonly log: TailedLog;
    readonly documents: DocumentStore;
  },
  deadLetters = fixtureDeadLetters,
  maker: TriageMaker | null = null,
): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true });
  registerProblemHandler(app);
  const deps = {
    ...stores,
    tail: createLiveTail(stores),
    deadLetters,
    ruleTrials: fixtureTrials,
    windowPlans: { times: nextTimes },
    triage: createTriageDesk({ ...stores, book: createTriageBook(stores.documents), maker }),
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
