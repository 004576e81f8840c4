import type { FastifyRequest } from 'fastify';

import type { Messaging } from '../brokers/messaging.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { OtlpReaders } from '../contracts/otlp.ts';
import type { Principal, Role } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { freeMemory } from '../streams/free-memory.ts';
import type { Cache } from '../stores/cache.ts';
import { type Admission, type AdmissionLimits, createAdmission } from './admission.ts';
import { createEventDoor, type EventDoor, type IngestQuotas } from './event-door.ts';
import type { IngestMetrics } from './metrics.ts';
import { type BodyLimits, readBody } from './read-body.ts';
import type { Tokens } from './tokens.ts';
import type { ToolBodies } from './tool-bodies.ts';

export interface IngestDeps {
  readonly messaging: Messaging;
  readonly tokens: Tokens;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly quotas: IngestQuotas;
  readonly metrics: IngestMetrics;
  /** How bodies of tools are decoded; without it there is no door for them. */
  readonly tools?: ToolBodies;
  /** How OTLP's requests are read: given from above, as that is; without it there is no door for them. */
  readonly otlp?: OtlpReaders;
  /** Default: 16 MiB as sent, 64 MiB inflated. */
  readonly bodyLimits?: BodyLimits;
  /** Default: 512 bodies and 128 MiB at a time, half of each for one tenant. */
  readonly admission?: AdmissionLimits;
  /** WebSocket connections at a time. Default: 20,000, half of them for one tenant. */
  readonly connections?: { readonly total: number; readonly tenantShare: number };
}

/** What the ways in share. */
export interface IngestContext {
  readonly deps: IngestDeps;
  readonly door: EventDoor;
  readonly admission: Admission;
  readonly connections: Admission;
  readonly bodyLimits: BodyLimits;
  /** Who sends; throws `TOKEN_INVALID`, `TOKEN_EXPIRED`, `ROLE_NOT_ALLOWED`. */
  authorise(bearer: string | undefined): Promise<Principal>;
}

const mebibyte = 1024 * 1024;
const defaultBodyLimits: BodyLimits = { compressedBytes: 16 * mebibyte, inflatedBytes: 64 * mebibyte };
const defaultAdmission: AdmissionLimits = { bodies: 512, bytes: 128 * mebibyte, tenantShare: 0.5 };
const defaultConnections = { total: 20_000, tenantShare: 0.5 };
const ingestRoles: readonly Role[] = ['agent', 'operator', 'admin'];

export function createIngestContext(deps: IngestDeps): IngestContext {
  const { total, tenantShare } = deps.connections ?? defaultConnections;
  return {
    deps,
    door: createEventDoor(deps),
    admission: createAdmission(deps.admission ?? defaultAdmission),
    connections: createAdmission({ bodies: total, bytes: 0, tenantShare }),
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

/** A body in memory; disposing gives its place in the process and its memory back. */
export interface AdmittedBody extends Disposable {
  readonly bytes: Buffer;
}

/** Reads a request's body within the limits, once there is room for it. */
export async function readAdmitted(
  context: IngestContext,
  principal: Principal,
  request: FastifyRequest,
): Promise<AdmittedBody> {
  const place = context.admission.admit(principal.tenantId);
  try {
    const body = await readBody({
      stream: request.raw,
      encoding: request.headers['content-encoding'],
      length: request.headers['content-length'],
      limits: context.bodyLimits,
      grow: place.grow,
    });
    context.deps.metrics.received(body.receivedBytes);
    const dispose = (): void => {
      place[Symbol.dispose]();
      if (body.isAlone) freeMemory(body.bytes);
    };
    return { bytes: body.bytes, [Symbol.dispose]: dispose };
  } catch (error) {
    place[Symbol.dispose]();
    throw error;
  }
}

/** Runs a handler, counting its refusal and its time. */
export async function measured<T>({ deps }: IngestContext, handle: () => Promise<T>): Promise<T> {
  const startMs = deps.clock.nowMs();
  try {
    return await handle();
  } catch (error) {
    deps.metrics.refused(error instanceof OpenFrameError ? error.code : 'INTERNAL', 1);
    throw error;
  } finally {
    deps.metrics.answered(deps.clock.nowMs() - startMs);
  }
}
