import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

import { createTriageDesk } from '../alerting/triage/triage-desk.ts';
import { nextTimes } from '../alerting/windows/next-times.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import { registerGraphql } from '../query-api/graphql/graphql.ts';
import { createLiveTail } from '../query-api/live/live-tail.ts';
import { registerRest } from '../query-api/rest/rest.ts';
import type { Clock } from '../streams/clock.ts';
import { openDesk } from './notifications.ts';
import type { Operations } from './operations.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';
import { openTriageMaker } from './triage.ts';

export interface QueryOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** What seals the secrets of notifications' targets. */
  readonly secrets: SecretBox;
  readonly statuses: () => Promise<readonly PipelineStatus[]>;
  readonly operations: Pick<Operations, 'deadLetters' | 'rules'>;
  readonly stores: Pick<
    Stores,
    | 'eventLog'
    | 'analytics'
    | 'devices'
    | 'alerts'
    | 'rules'
    | 'windows'
    | 'parents'
    | 'notifications'
    | 'triages'
    | 'documents'
    | 'log'
    | 'tokens'
  >;
}

/** The addresses that the web app answers itself, besides `/`. */
const dashboardPages = [
  '/inbox',
  '/alerts/*',
  '/incidents/*',
  '/noise',
  '/wall',
  '/windows',
  '/rules',
  '/explore',
  '/devices',
  '/devices/*',
  '/pipelines',
  '/query',
  '/bench',
  '/l/*',
];
const dashboardFolder = fileURLToPath(new URL('../dist/dashboard', import.meta.url));

/** The questions, and the dashboard that asks them. */
export async function registerQueries(app: FastifyInstance, options: QueryOptions): Promise<void> {
  const { settings, stores, clock, secrets, statuses, operations } = options;
  const maker = await openTriageMaker(settings, stores.documents, clock);
  const deps = {
    eventLog: stores.eventLog,
    analytics: stores.analytics,
    devices: stores.devices,
    alerts: stores.alerts,
    rules: stores.rules,
    windows: stores.windows,
    parents: stores.parents,
    windowPlans: { times: nextTimes },
    notifications: openDesk(stores.notifications, secrets),
    ruleTrials: operations.rules,
    triage: createTriageDesk({ ...stores, book: stores.triages, clock, maker }),
    documents: stores.documents,
    deadLetters: operations.deadLetters,
    // One reading of the log for every kind of subscriber.
    tail: createLiveTail({ log: stores.log, clock }),
    authenticate: (bearer: string) => stores.tokens.authenticate(bearer),
    pipelines: statuses,
    clock,
  };
  await registerRest(app, deps);
  await registerGraphql(app, { ...deps, graphiql: settings.OPENFRAME_GRAPHIQL === 'on' });
  await app.register(fastifyStatic, { root: dashboardFolder });
  for (const url of dashboardPages) app.get(url, (_request, reply) => reply.sendFile('index.html'));
}
