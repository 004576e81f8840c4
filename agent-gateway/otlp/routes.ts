import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Type } from 'protobufjs';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tenant.ts';
import { excerpt, shown } from '../attribute-text.ts';
import type { IngestContext } from '../ingest-context.ts';
import { measured, readAdmitted } from '../ingest-context.ts';
import { prepareProblem } from '../problem-handler.ts';
import { logEvents } from './logs.ts';
import { metricEvents } from './metrics.ts';
import { checkOtlpEvent, type OtlpEvent } from './otlp-event.ts';
import { decodeProtobuf } from './protobuf.ts';
import {
  exportResponse,
  type OtlpEncoding,
  otlpMediaTypes,
  type PartialSuccess,
  statusResponse,
} from './response.ts';
import { exportLogsRequest, exportMetricsRequest } from './schema.ts';

/** One request at a time is turned into events in one go, so it may not bring more than this. */
const maxEvents = 10_000;

interface Signal {
  readonly request: Type;
  readonly rejectedField: PartialSuccess['field'];
  readonly toEvents: (
    request: unknown,
    principal: Principal,
    nowMs: number,
  ) => { readonly events: readonly OtlpEvent[]; readonly unusablePoints: number };
}

const logs: Signal = {
  request: exportLogsRequest,
  rejectedField: 'rejectedLogRecords',
  toEvents: (...from) => ({ events: logEvents(...from), unusablePoints: 0 }),
};

const metrics: Signal = {
  request: exportMetricsRequest,
  rejectedField: 'rejectedDataPoints',
  toEvents: metricEvents,
};

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), JSON and Protobuf, for logs and
 * metrics. What an event at the door would be refused for is counted in `partialSuccess`; a device over its
 * quota makes the whole request 429, since a client repeats that and never a partial success. Expects bodies
 * as streams.
 */
export function registerOtlp(scope: FastifyInstance, context: IngestContext): void {
  scope.setErrorHandler<Error>((error, request, reply) => {
    const { status, detail } = prepareProblem(error, request, reply);
    const encoding = encodingOf(request) ?? 'json';
    return reply.type(otlpMediaTypes[encoding]).send(statusResponse(encoding, status, detail));
  });
  scope.post('/v1/logs', (request, reply) => measured(context, () => take(context, logs, request, reply)));
  scope.post('/v1/metrics', (request, reply) =>
    measured(context, () => take(context, metrics, request, reply)),
  );
}

async function take(
  context: IngestContext,
  signal: Signal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const { deps, door } = context;
  const principal = await context.authorise(request.headers.authorization);
  const encoding = encodingOf(request);
  if (encoding === undefined) throw unsupported(request.headers['content-type']);
  await door.payTenant(principal, 1);
  using body = await readAdmitted(context, principal, request);
  const message = decode(body.bytes, encoding, signal.request);
  const { events, unusablePoints } = signal.toEvents(message, principal, deps.clock.nowMs());
  if (events.length > maxEvents) throw tooMany(events.length);
  if (events.length > 1) await door.payTenant(principal, events.length - 1);
  const { accepted, rejected } = await door.accept(principal, events, checkOtlpEvent);
  deps.metrics.accepted(accepted);
  for (const { code } of rejected) deps.metrics.refused(code, 1);
  const overQuota = rejected.find(({ code }) => code === 'QUOTA_EXCEEDED');
  if (overQuota !== undefined)
    throw new OpenFrameError('QUOTA_EXCEEDED', overQuota.message, { retryable: true });
  const rejectedPoints = rejected.reduce(
    (sum, { index }) => sum + (events[index]?.points ?? 0),
    unusablePoints,
  );
  const errorMessage = rejected[0]?.message ?? 'Data points without a name or a finite value were left out.';
  const partial = { field: signal.rejectedField, rejected: rejectedPoints, errorMessage };
  reply.code(200).type(otlpMediaTypes[encoding]);
  return exportResponse(encoding, partial);
}

function encodingOf(request: FastifyRequest): OtlpEncoding | undefined {
  const name = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (name === otlpMediaTypes.json) return 'json';
  return name === otlpMediaTypes.protobuf ? 'protobuf' : undefined;
}

function decode(bytes: Buffer, encoding: OtlpEncoding, request: Type): unknown {
  try {
    if (encoding === 'protobuf') return decodeProtobuf(bytes, request);
    if (!isUtf8(bytes)) throw new Error('it is not UTF-8');
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new OpenFrameError(
      'BODY_UNREADABLE',
      `The body is no OTLP request in ${encoding} (${excerpt(messageOf(error), 120)}): send it whole.`,
      { cause: error },
    );
  }
}

function unsupported(contentType: string | undefined): OpenFrameError {
  return new OpenFrameError(
    'MEDIA_TYPE_UNSUPPORTED',
    `Content-Type ${shown(contentType)} is not taken: send application/x-protobuf or application/json.`,
  );
}

function tooMany(events: number): OpenFrameError {
  return new OpenFrameError(
    'BODY_TOO_LARGE',
    `The request comes to ${events} events and may bring ${maxEvents}: send smaller batches.`,
    { details: { limit: maxEvents } },
  );
}
