import { Readable } from 'node:stream';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { prepareProblem } from '../../agent-gateway/problem-handler.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { createCompleteness } from '../questions/completeness.ts';
import { goneSignal } from '../rest/gone-signal.ts';
import {
  type Authenticate,
  createReaderSignIn,
  requireReader,
  requireSameOrigin,
} from '../rest/reader-sign-in.ts';
import { sseOf } from './graph-events.ts';
import { createGraphContext, type GraphStores } from './graph-context.ts';
import { problemAnswer } from './graph-errors.ts';
import { createGraphSocketServer } from './graph-socket.ts';
import { graphLimits } from './limits.ts';
import { graphiqlPage, runOverHttp } from './run-over-http.ts';
import { createRefusalBudget } from './refusal-budget.ts';
import { createGraphSchema } from './schema.ts';
import { createTenantPace } from './tenant-pace.ts';

export interface GraphqlDeps extends Omit<GraphStores, 'completeness'> {
  /** Who a bearer token stands for. Throws `TOKEN_INVALID` or `TOKEN_EXPIRED`. */
  readonly authenticate: Authenticate;
  /** Whether a browser that opens `/graphql` gets GraphiQL. */
  readonly graphiql: boolean;
}

const jsonType = 'application/json; charset=utf-8';

/**
 * Adds `/graphql`: queries by POST and GET, subscriptions as server-sent events (graphql-sse, distinct connections)
 * and over `graphql-transport-ws`. Uses the app's WebSocket server where it has one. Closing the app ends the streams.
 */
export async function registerGraphql(app: FastifyInstance, deps: GraphqlDeps): Promise<void> {
  if (!app.hasDecorator('websocketServer')) await app.register(websocket);
  const stop = new AbortController();
  await app.register(async (scope) => {
    scope.addHook('preClose', async () => stop.abort());
    scope.setErrorHandler<Error>((error, request, reply) => {
      const problem = prepareProblem(error, request, reply);
      return reply.type(jsonType).send(JSON.stringify(problemAnswer(problem)));
    });
    addRoutes(scope, deps, stop.signal);
  });
}

function addRoutes(scope: FastifyInstance, given: GraphqlDeps, stopped: AbortSignal): void {
  const deps = { ...given, completeness: createCompleteness(given) };
  const schema = createGraphSchema();
  const signIn = createReaderSignIn(deps.authenticate);
  const budget = createRefusalBudget(deps.clock);
  const runPaced = createTenantPace(deps.clock);
  const onFault = (error: unknown): void =>
    scope.log.error({ err: error }, 'A GraphQL operation met a fault.');
  const serveSocket = createGraphSocketServer({
    ...{ schema, stores: deps, clock: deps.clock },
    ...{ budget, runPaced, stopped, onFault },
  });
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    forbidStoring(reply);
    if (deps.graphiql && wantsPage(request)) {
      const { html, policy } = await graphiqlPage();
      return reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html);
    }
    const principal = await signIn(request);
    requireOneOperation(request.body);
    const signal = AbortSignal.any([goneSignal(reply), stopped]);
    const context = createGraphContext(deps, principal, signal);
    const { method, headers, query, body } = request;
    const ran = await runPaced(principal, async () => {
      budget.check(principal);
      const asked = { method, headers, query, body };
      const run = await runOverHttp({ schema, request: asked, context, onFault });
      return { run, text: run.kind === 'answer' ? JSON.stringify(run.result) : '' };
    });
    if (ran.run.kind === 'answer') {
      const { status } = ran.run;
      if (status === 400) budget.refused(principal, documentLength(request));
      return send(reply, status, ran.text);
    }
    requireEventStream(request);
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('x-accel-buffering', 'no')
      .send(Readable.from(sseOf(ran.run.results, deps.clock, signal)));
  };
  scope.route({ method: 'POST', url: '/graphql', bodyLimit: graphLimits.bodyBytes, handler: answer });
  scope.route({
    method: 'GET',
    url: '/graphql',
    exposeHeadRoute: false,
    handler: answer,
    wsHandler: (socket, request) =>
      serveSocket(socket, {
        async signIn(authorization) {
          if (authorization === undefined) {
            requireSameOrigin(request);
            return signIn(request);
          }
          return requireReader(await deps.authenticate(authorization.replace(/^Bearer +/i, '')));
        },
      }),
  });
}

function send(reply: FastifyReply, status: number, text: string): FastifyReply {
  if (status === 405) void reply.header('allow', 'POST');
  return reply.code(status).type(jsonType).send(text);
}

function documentLength({ body, query }: FastifyRequest): number {
  const texts = [body, query].map((given) =>
    typeof given === 'object' && given !== null && 'query' in given ? given.query : '',
  );
  return Math.max(...texts.map((text) => (typeof text === 'string' ? text.length : 0)));
}

function forbidStoring(reply: FastifyReply): void {
  void reply.headers({
    'cache-control': 'no-store',
    vary: 'authorization, cookie, accept',
    'x-content-type-options': 'nosniff',
  });
}

function wantsPage({ method, headers, query }: FastifyRequest): boolean {
  const asks = typeof query === 'object' && query !== null && 'query' in query;
  return method === 'GET' && !asks && (headers.accept ?? '').includes('text/html');
}

function requireOneOperation(body: unknown): void {
  if (!Array.isArray(body)) return;
  throw new OpenFrameError(
    'GRAPHQL_INVALID',
    'One request carries one operation: an array of operations is not taken. Ask several fields in one operation.',
  );
}

function requireEventStream({ headers }: FastifyRequest): void {
  const accept = headers.accept ?? '';
  if (accept === '' || accept.includes('text/event-stream') || accept.includes('*/*')) return;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    'A subscription is answered as server-sent events: send the header "Accept: text/event-stream", or use graphql-transport-ws.',
  );
}
