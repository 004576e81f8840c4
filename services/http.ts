import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, LogController } from 'fastify';

import { registerIngest } from '../agent-gateway/ingest.ts';
import { createIngestMetrics } from '../agent-gateway/metrics.ts';
import { registerNotFound, registerProblemHandler } from '../agent-gateway/problem-handler.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import { registerRest } from '../query-api/rest/rest.ts';
import type { Clock } from '../streams/clock.ts';
import { registerControl } from './control-routes.ts';
import { registerHealth } from './health.ts';
import type { Operations } from './operations.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';

export interface HttpOptions {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly statuses: () => Promise<readonly PipelineStatus[]>;
  readonly operations: Operations;
  readonly controlToken: string;
}

const dashboardFolder = fileURLToPath(new URL('../dist/dashboard', import.meta.url));

/** The one HTTP server: ingest, queries, control, health, and the dashboard's files. */
export async function startHttp(options: HttpOptions): Promise<{ readonly url: string } & AsyncDisposable> {
  const { settings, stores, clock } = options;
  const app = fastify({
    logger: settings.OPENFRAME_LOG_LEVEL === 'silent' ? false : { level: settings.OPENFRAME_LOG_LEVEL },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
  });
  registerProblemHandler(app);
  registerNotFound(app);
  const registry = registerHealth(app, { pipelines: options.statuses });
  registerControl(app, options.operations, options.controlToken);
  registerIngest(app, {
    messaging: stores.messaging,
    tokens: stores.tokens,
    cache: stores.cache,
    clock,
    quotas: quotasOf(settings),
    metrics: createIngestMetrics(registry),
  });
  await registerRest(app, {
    eventLog: stores.eventLog,
    analytics: stores.analytics,
    devices: stores.devices,
    log: stores.log,
    authenticate: (bearer) => stores.tokens.authenticate(bearer),
    pipelines: options.statuses,
    clock,
  });
  await app.register(fastifyStatic, { root: dashboardFolder });
  const url = await listen(app, settings);
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

const burstSeconds = 10;

function quotasOf(settings: Settings) {
  const { OPENFRAME_TENANT_EVENTS_PER_SECOND: tenant, OPENFRAME_DEVICE_EVENTS_PER_SECOND: device } = settings;
  return {
    tenantEventsPerSecond: tenant,
    tenantBurst: tenant * burstSeconds,
    deviceEventsPerSecond: device,
    deviceBurst: device * burstSeconds,
  };
}

async function listen(app: FastifyInstance, settings: Settings): Promise<string> {
  const { OPENFRAME_HOST: host, OPENFRAME_PORT: port } = settings;
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new OpenFrameError(
      'PORT_IN_USE',
      `Port ${port} of ${host} is used by another program. Stop it, or choose another port with --port.`,
      { cause, details: { host, port } },
    );
  }
}
