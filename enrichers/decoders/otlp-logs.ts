import { agentEventTypes } from '../../contracts/event.ts';
import type { OtlpData, OtlpEvent, OtlpInput, OtlpRead } from '../../contracts/otlp.ts';
import { otlpDecoder } from './otlp/otlp-decoder.ts';
import { createEventNaming, originOf } from './otlp/otlp-event.ts';
import { readRequest } from './otlp/read-request.ts';
import { exportLogsRequest } from './otlp/schema.ts';
import { listOf, millisOf, numberOf, plainAttributes, plainValue, textOf } from './otlp/values.ts';
import { membersOf } from './values.ts';

/** Short names of OpenTelemetry's severity numbers, four to each (Logs data model, "Severity fields"). */
const severityTexts = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * The `openframe.log` events of an ExportLogsServiceRequest, one a record. A record without any time is dated
 * `receivedMs`, so it has a new id whenever it is sent.
 */
export function readOtlpLogs(input: OtlpInput): OtlpRead {
  const read = readRequest(input, exportLogsRequest);
  return read.kind === 'refused'
    ? read
    : { kind: 'events', events: logEvents(read.request, input), unusablePoints: 0 };
}

/** The same from a topic. */
export const decodeOtlpLogs = otlpDecoder(readOtlpLogs);

function logEvents(request: unknown, { deviceId, receivedMs }: OtlpInput): OtlpEvent[] {
  const name = createEventNaming();
  const events: OtlpEvent[] = [];
  for (const resourceLogs of listOf(membersOf(request)['resourceLogs']).map(membersOf)) {
    const origin = originOf(membersOf(resourceLogs['resource']), deviceId);
    for (const scopeLogs of listOf(resourceLogs['scopeLogs']).map(membersOf)) {
      const logger = textOf(membersOf(scopeLogs['scope'])['name']);
      for (const record of listOf(scopeLogs['logRecords']).map(membersOf)) {
        const timeMs =
          millisOf(record['timeUnixNano']) || millisOf(record['observedTimeUnixNano']) || receivedMs;
        const data = logData(record, logger, origin.attributes);
        events.push(name(origin, { type: agentEventTypes.log, timeMs, data, points: 1 }));
      }
    }
  }
  return events;
}

function logData(
  record: Readonly<Record<string, unknown>>,
  logger: string,
  resource: Readonly<Record<string, unknown>>,
): OtlpData {
  const body = plainValue(record['body']);
  const attributes = plainAttributes(record['attributes']);
  const severityText = severityTextOf(record);
  const { timeUnixNano } = record;
  const texts = { logger, eventName: textOf(record['eventName']), ...traceOf(record), severityText };
  return {
    message: typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    // The whole nanoseconds: two lines of one millisecond are two.
    ...(isNanos(timeUnixNano) ? { timeUnixNano: `${timeUnixNano}` } : {}),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(Object.keys(resource).length === 0 ? {} : { resource }),
  };
}

function severityTextOf(record: Readonly<Record<string, unknown>>): string {
  const number = numberOf(record['severityNumber']);
  const known = number >= 1 && number <= 24 ? severityTexts[Math.floor((number - 1) / 4)] : undefined;
  return known ?? textOf(record['severityText']);
}

function traceOf(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return { traceId: textOf(record['traceId']), spanId: textOf(record['spanId']) };
}

function isNanos(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
