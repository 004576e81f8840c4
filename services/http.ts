import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

import { createTriageDesk } from '../alerting/triage/triage-desk.ts';
import { nextTimes } from '../alerting/windows/next-times.ts';
import type { IngestQuotas } from '../agent-gateway/event-door.ts';
import { registerWebSockets } from '../agent-gateway/event-stream.ts';
import { registerIngest } from '../agent-gateway/ingest.ts';
import { createIngestMetrics } from '../agent-gateway/metrics.ts';
import type { ToolBodies } from '../agent-gateway/tool-bodies.ts';
import { bodyFormats, decodeBody } from '../enrichers/decode-body.ts';
import { otlpReaders } from '../enrichers/decoders/formats.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import { registerGraphql } from '../query-api/graphql/graphql.ts';
import { createLiveTail } from '../query-api/live/live-tail.ts';
import { registerRest } from '../query-api/rest/rest.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';
import { registerControl } from './control-routes.ts';
import { registerHealth } from './health.ts';
import { createHttpApp, listenFault } from './http-app.ts';
import { openDesk } from './notifications.ts';
import type { Operations } from './operations.ts';
import type { Settings } from './settings.ts';
import { cutSlowReaders } from './slow-readers.ts';
import type { Stores } from './stores.ts';
import { openTriageMaker } from './triage.ts';

export interface HttpOptions {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly clock: Clock;
  /** What seals the secrets of notifications' targets. */
  readonly secrets: SecretBox;
  readonly statuses: () => Promise<readonly PipelineStatus[]>;
  readonly operations: Operations;
  readonly controlToken: string;
}

/** The one HTTP server of the embedded profile: ingest, queries, control, health, and the dashboard's files. */
export async function startHttp(options: HttpOptions): Promise<{ readonly url: string } & AsyncDisposable> {
  const { settings } = options;
  const app = createHttpApp(settings, 'platform');
  try {
    const registry = registerHealth(app, { pipelines: options.statuses });
    cutSlowReaders(app, { clock: options.clock, registry });
    registerControl(app, options.operations, options.controlToken);
    await registerWebSockets(app);
    registerDoor(app, options, registry);
    await registerQueries(app, options);
    const url = await app.listen({ host: settings.OPENFRAME_HOST, port: settings.OPENFRAME_PORT });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  } catch (cause) {
    await app.close();
    throw listenFault(cause, settings);
  }
}

/** Where events come in. */
export function registerDoor(
  app: FastifyInstance,
  { settings, stores, clock }: DoorOptions,
  registry: Registry,
): void {
  const { messaging, tokens, cache, documents } = stores;
  const metrics = createIngestMetrics(registry);
  const directory = createToolDirectory({ documents, clock });
  const tools: ToolBodies = {
    formats: bodyFormats,
    decode: (scope, body) => decodeBody(directory, scope, body),
  };
  const formats = { tools, otlp: otlpReaders };
  registerIngest(app, { messaging, tokens, cache, clock, quotas: quotasOf(settings), metrics, ...formats });
}

export interface DoorOptions extends Pick<HttpOptions, 'settings' | 'clock'> {
  readonly stores: Pick<Stores, 'messaging' | 'tokens' | 'cache' | 'documents'>;
}

export interface QueryOptions extends Pick<HttpOptions, 'settings' | 'clock' | 'secrets' | 'statuses'> {
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

const burstSeconds = 10;

function quotasOf(settings: Settings): IngestQuotas {
  const { OPENFRAME_TENANT_EVENTS_PER_SECOND: tenant, OPENFRAME_DEVICE_EVENTS_PER_SECOND: device } = settings;
  return {
    tenantEventsPerSecond: tenant,
    tenantBurst: tenant * burstSeconds,
    deviceEventsPerSecond: device,
    deviceBurst: device * burstSeconds,
  };
}
