import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Messaging } from '../brokers/messaging.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, Role } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { Cache } from '../stores/cache.ts';
import { type Admission, type AdmissionLimits, createAdmission } from './admission.ts';
import { entriesReader } from './body-entries.ts';
import { createEventDoor, type EventDoor, type IngestQuotas } from './event-door.ts';
import type { IngestMetrics } from './metrics.ts';
import { registerProblemHandler } from './problem-handler.ts';
import { type BodyLimits, readBody } from './read-body.ts';
import type { Tokens } from './tokens.ts';

export interface IngestDeps {
  readonly messaging: Messaging;
  readonly tokens: Tokens;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly quotas: IngestQuotas;
  readonly metrics: IngestMetrics;
  /** Default: 16 MiB as sent, 64 MiB inflated. */
  readonly bodyLimits?: BodyLimits;
  /** Default: 512 bodies and 128 MiB at a time, half of each for one tenant. */
  readonly admission?: AdmissionLimits;
}

const mebibyte = 1024 * 1024;
const defaultBodyLimits: BodyLimits = { compressedBytes: 16 * mebibyte, inflatedBytes: 64 * mebibyte };
const defaultAdmission: AdmissionLimits = { bodies: 512, bytes: 128 * mebibyte, tenantShare: 0.5 };
const ingestRoles: readonly Role[] = ['agent', 'operator', 'admin'];

/** What the ways in share. */
export interface IngestContext {
  readonly deps: IngestDeps;
  readonly door: EventDoor;
  readonly admission: Admission;
  readonly bodyLimits: BodyLimits;
  /** Who sends; throws `TOKEN_INVALID`, `TOKEN_EXPIRED`, `ROLE_NOT_ALLOWED`. */
  authorise(bearer: string | undefined): Promise<Principal>;
}

/**
 * The door for events: `POST /ingest/v1/events`. Registers its routes in a scope of their own, with problem
 * details for errors. An answer of 202 means that what was accepted is durable.
 */
export function registerIngest(app: FastifyInstance, deps: IngestDeps): void {
  const context = createContext(deps);
  app.register(async (scope) => {
    registerProblemHandler(scope);
    // The body stays a stream: who may send, and how much, is settled before any of it is read.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/ingest/v1/events', (request, reply) => postEvents(context, request, reply));
  });
}

function createContext(deps: IngestDeps): IngestContext {
  return {
    deps,
    door: createEventDoor(deps),
    admission: createAdmission(deps.admission ?? defaultAdmission),
    bodyLimits: deps.bodyLimits ?? defaultBodyLimits,
    async authorise(bearer) {
      const principal = await deps.tokens.authenticate(bearer);
      if (ingestRoles.includes(principal.role)) return principal;
      throw new OpenFrameError(
        'ROLE_NOT_ALLOWED',
        `A token of the role ${principal.role} may not send events: use one of ${ingestRoles.join(', ')}.`,
      );
    },
  };
}

async function postEvents(
  context: IngestContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { deps, door } = context;
  const startMs = deps.clock.nowMs();
  try {
    const principal = await context.authorise(request.headers.authorization);
    const toEntries = entriesReader(request.headers['content-type']);
    // One event is paid before the body is read: a flood costs no inflating and no parsing.
    await door.payTenant(principal, 1);
    using place = context.admission.admit(principal.tenantId);
    const body = await readBody({
      stream: request.raw,
      encoding: request.headers['content-encoding'],
      length: request.headers['content-length'],
      limits: context.bodyLimits,
      grow: place.grow,
    });
    deps.metrics.received(body.receivedBytes);
    const { entries, check } = toEntries(body.bytes);
    if (entries.length > 1) await door.payTenant(principal, entries.length - 1);
    const acceptance = await door.accept(principal, entries, check);
    deps.metrics.accepted(acceptance.accepted);
    for (const { code } of acceptance.rejected) deps.metrics.refused(code, 1);
    return reply.code(202).send(acceptance);
  } catch (error) {
    deps.metrics.refused(error instanceof OpenFrameError ? error.code : 'INTERNAL', 1);
    throw error;
  } finally {
    deps.metrics.answered(deps.clock.nowMs() - startMs);
  }
}
