import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import type { EventLog } from '../../sinks/event-log.ts';
import type { Clock } from '../../streams/clock.ts';
import type { AlertReader } from '../../stores/alert-reader.ts';
import type { AlertRegistry } from '../../stores/alert-registry.ts';
import type { LiveTail } from '../live/live-tail.ts';
import { createCompleteness } from '../questions/completeness.ts';
import type { DeviceReader } from '../questions/device-page.ts';
import { createAlertActionRoutes } from './alert-action-routes.ts';
import { createAlertRoutes } from './alert-routes.ts';
import { createDeadLetterRoutes, type DeadLetters } from './dead-letter-routes.ts';
import { createDeviceRoutes } from './device-routes.ts';
import { entityTag, isNotModified } from './etag.ts';
import { createEventExportRoute } from './event-export-route.ts';
import { createEventRoutes } from './event-routes.ts';
import { createEventStatsRoute } from './event-stats-route.ts';
import { createEventTailRoute } from './event-tail-route.ts';
import { createIncidentRoutes } from './incident-routes.ts';
import { createLinkRoutes } from './link-routes.ts';
import { createMetricRoutes } from './metric-routes.ts';
import { createNotificationRoutes, type NotificationRouteDeps } from './notification-routes.ts';
import { openApiOf } from './openapi.ts';
import { parseRequest } from './parse-request.ts';
import { createPipelinesRoute } from './pipelines-route.ts';
import { type Authenticate, createReaderSignIn } from './reader-sign-in.ts';
import { jsonType, noParameters, type RestRoute, type SignIn } from './route.ts';
import { createRuleRoutes, type RuleRouteDeps } from './rule-routes.ts';
import { createSessionRoutes } from './session-routes.ts';
import { createSqlRoutes } from './sql-routes.ts';
import { createTriageRoutes, type TriageRouteDeps } from './triage-routes.ts';
import { createViewRoutes, type ViewStore } from './view-routes.ts';
import { createParentRoutes, type ParentRouteDeps } from './parent-routes.ts';
import { createWindowRoutes, type WindowRouteDeps } from './window-routes.ts';

export interface RestDeps
  extends
    RuleRouteDeps,
    WindowRouteDeps,
    ParentRouteDeps,
    NotificationRouteDeps,
    Pick<TriageRouteDeps, 'triage'> {
  readonly eventLog: EventLog;
  readonly analytics: Analytics;
  readonly devices: DeviceReader;
  readonly tail: LiveTail;
  readonly alerts: AlertReader & Pick<AlertRegistry, 'act'>;
  /** Who a bearer token stands for. Throws `TOKEN_INVALID` or `TOKEN_EXPIRED`. */
  readonly authenticate: Authenticate;
  readonly pipelines: () => Promise<readonly PipelineStatus[]>;
  readonly documents: ViewStore;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
}

/**
 * Adds the REST query API below `/api/v1`. Errors are thrown as they are: the app's error handler answers them
 * as problem details. Closing the app ends the streams that are open.
 */
export async function registerRest(app: FastifyInstance, deps: RestDeps): Promise<void> {
  const stop = new AbortController();
  const routes = createRoutes(deps, stop.signal);
  const signIn = createReaderSignIn(deps.authenticate);
  await app.register(
    async (scope) => {
      scope.addHook('preClose', async () => stop.abort());
      for (const route of [...routes, createDocumentRoute(routes)]) addRoute(scope, route, signIn);
    },
    { prefix: '/api/v1' },
  );
}

function createRoutes(given: RestDeps, stopped: AbortSignal): RestRoute[] {
  const deps = { ...given, completeness: createCompleteness(given) };
  const { analytics, clock, tail } = deps;
  return [
    ...createEventRoutes(deps),
    createEventStatsRoute(deps),
    createEventExportRoute({ analytics, stopped }),
    createEventTailRoute({ tail, clock, stopped }),
    ...createDeviceRoutes(deps),
    ...createAlertRoutes(deps),
    ...createAlertActionRoutes(deps.alerts),
    ...createIncidentRoutes(deps),
    ...createTriageRoutes({ ...deps, stopped }),
    ...createRuleRoutes(deps),
    ...createWindowRoutes(deps),
    ...createParentRoutes(deps),
    ...createNotificationRoutes(deps),
    ...createMetricRoutes(deps),
    ...createSqlRoutes({ ...deps, stopped }),
    createPipelinesRoute(deps.pipelines),
    ...createDeadLetterRoutes(deps.deadLetters),
    ...createViewRoutes(deps),
    ...createLinkRoutes(deps),
    ...createSessionRoutes(deps.authenticate),
  ];
}

function addRoute(scope: FastifyInstance, route: RestRoute, signIn: SignIn): void {
  scope.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    exposeHeadRoute: route.method === 'GET' && !route.streams,
    handler: async (request, reply) => {
      forbidStoring(reply);
      if (route.access === 'anyone') parseRequest(route.query, request.query);
      return route.run(request, reply, signIn);
    },
  });
}

/** One tenant's answers must not lie in a cache for another; a route that may be kept says so itself. */
function forbidStoring(reply: FastifyReply): void {
  void reply.headers({
    'cache-control': 'no-store',
    vary: 'authorization, cookie',
    'x-content-type-options': 'nosniff',
  });
}

/** The description of all routes, itself included. */
function createDocumentRoute(others: readonly RestRoute[]): RestRoute {
  let body = '';
  const route: RestRoute = {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This description',
    tag: 'description',
    access: 'anyone',
    query: noParameters,
    params: noParameters,
    streams: false,
    answer: {
      status: 200,
      description: 'OpenAPI 3.1. Has an ETag.',
      content: { [jsonType]: z.record(z.string(), z.unknown()) },
    },
    async run(request, reply) {
      body ||= JSON.stringify(openApiOf([...others, route]));
      const tag = entityTag(body);
      void reply.header('etag', tag).header('cache-control', 'no-cache');
      if (isNotModified(request.headers['if-none-match'], tag)) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(body);
    },
  };
  return route;
}
