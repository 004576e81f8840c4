import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { OpenFrameError } from '../../contracts/errors.ts';
import type {
  OtlpEncoding,
  OtlpEvent,
  OtlpInput,
  OtlpRead,
  OtlpReaders,
  OtlpSignal,
} from '../../contracts/otlp.ts';
import { excerpt, shown } from '../attribute-text.ts';
import { type CheckedEvent, checkSizedEvent, type Refusal } from '../cloud-event.ts';
import type { IngestContext } from '../ingest-context.ts';
import { measured, readAdmitted } from '../ingest-context.ts';
import { prepareProblem } from '../problem-handler.ts';
import { exportResponse, otlpMediaTypes, type PartialSuccess, statusResponse } from './response.ts';

/** One request at a time is turned into events in one go, so it may not bring more than this. */
const maxEvents = 10_000;

const rejectedFields: Readonly<Record<OtlpSignal, PartialSuccess['field']>> = {
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), JSON and Protobuf, for logs and
 * metrics. What an event at the door would be refused for is counted in `partialSuccess`; a device over its
 * quota makes the whole request 429, since a client repeats that and never a partial success. Expects bodies
 * as streams. How a request is read, `readers` say: the gateway knows no format but its own.
 */
export function registerOtlp(scope: FastifyInstance, context: IngestContext, readers: OtlpReaders): void {
  scope.setErrorHandler<Error>((error, request, reply) => {
    const { status, detail } = prepareProblem(error, request, reply);
    const encoding = encodingOf(request) ?? 'json';
    return reply.type(otlpMediaTypes[encoding]).send(statusResponse(encoding, status, detail));
  });
  for (const signal of ['logs', 'metrics'] as const) {
    const take = { read: readers[signal], rejectedField: rejectedFields[signal] };
    scope.post(`/v1/${signal}`, (request, reply) =>
      measured(context, () => takeRequest(context, take, request, reply)),
    );
  }
}

async function takeRequest(
  context: IngestContext,
  signal: {
    readonly read: (input: OtlpInput) => OtlpRead;
    readonly rejectedField: PartialSuccess['field'];
  },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const { deps, door } = context;
  const principal = await context.authorise(request.headers.authorization);
  const encoding = encodingOf(request);
  if (encoding === undefined) throw unsupported(request.headers['content-type']);
  await door.payTenant(principal, 1);
  using body = await readAdmitted(context, principal, request);
  const deviceId = principal.deviceId ?? '';
  const input = { bytes: body.bytes, encoding, receivedMs: deps.clock.nowMs(), deviceId };
  const read = signal.read(input);
  if (read.kind === 'refused') throw unreadable(encoding, read.detail);
  const { events, unusablePoints } = read;
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

/** The event as the door checks every other. */
function checkOtlpEvent(event: OtlpEvent, nowMs: number): CheckedEvent | Refusal {
  const { id, deviceId, type, timeMs, data } = event;
  const cloudEvent = {
    specversion: '1.0',
    id,
    source: deviceId === '' ? '/otlp' : `/agents/${encodeURIComponent(deviceId.toWellFormed())}/otlp`,
    type,
    time: timeText(timeMs),
    ...(deviceId === '' ? {} : { subject: deviceId }),
    data,
  };
  return checkSizedEvent(cloudEvent, nowMs);
}

/** A time beyond what Date can print is refused as any other that is not RFC 3339. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms` : date.toISOString();
}

function unreadable(encoding: OtlpEncoding, detail: string): OpenFrameError {
  return new OpenFrameError(
    'BODY_UNREADABLE',
    `The body is no OTLP request in ${encoding} (${excerpt(detail, 120)}): send it whole.`,
  );
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
