import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { entriesReader } from './body-entries.ts';
import type { Acceptance } from './event-door.ts';
import { registerEventStream } from './event-stream.ts';
import {
  createIngestContext,
  type IngestContext,
  type IngestDeps,
  measured,
  readAdmitted,
} from './ingest-context.ts';
import { registerOtlp } from './otlp/routes.ts';
import { registerProblemHandler } from './problem-handler.ts';
import { postToolEvents } from './tool-events.ts';

/**
 * The door for events: `POST /ingest/v1/events`, `POST /ingest/v1/tools/<format>/<server>`, `GET /ingest/v1/stream` (WebSocket), `POST /v1/logs` and
 * `/v1/metrics` (OTLP). Registers its routes in scopes of their own. An answer of success means that what was
 * accepted is durable. An app that serves other WebSockets too registers `@fastify/websocket` on itself before
 * (once for a server), with frames of at least `eventLimits.sizeBytes`.
 */
export function registerIngest(app: FastifyInstance, deps: IngestDeps): void {
  const context = createIngestContext(deps);
  app.register(async (scope) => {
    registerProblemHandler(scope);
    keepBodiesAsStreams(scope);
    scope.post('/ingest/v1/events', (request, reply) =>
      measured(context, () => postEvents(context, request, reply)),
    );
    scope.post<{ Params: { format: string; server: string } }>(
      '/ingest/v1/tools/:format/:server',
      (request, reply) => measured(context, () => postToolEvents(context, request, reply)),
    );
  });
  app.register(async (scope) => {
    registerProblemHandler(scope);
    await registerEventStream(scope, context);
  });
  const { otlp } = deps;
  if (otlp === undefined) return;
  app.register(async (scope) => {
    keepBodiesAsStreams(scope);
    registerOtlp(scope, context, otlp);
  });
}

/** Who may send, and how much, is settled before any of a body is read. */
function keepBodiesAsStreams(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

async function postEvents(
  context: IngestContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Acceptance> {
  const { deps, door } = context;
  const principal = await context.authorise(request.headers.authorization);
  const toEntries = entriesReader(request.headers['content-type']);
  // One event is paid before the body is read: a flood costs no inflating and no parsing.
  await door.payTenant(principal, 1);
  using body = await readAdmitted(context, principal, request);
  const { entries, check } = toEntries(body.bytes);
  if (entries.length > 1) await door.payTenant(principal, entries.length - 1);
  const acceptance = await door.accept(principal, entries, check);
  deps.metrics.accepted(acceptance.accepted);
  for (const { code } of acceptance.rejected) deps.metrics.refused(code, 1);
  reply.code(202);
  return acceptance;
}
