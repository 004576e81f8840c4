/** How a member is printed: a JSON string, a number, or JSON that is already encoded. */
export interface EnrichedMember {
  readonly name: keyof EnrichedEvent;
  readonly kind: 'text' | 'number' | 'json';
}
import type { Severity, StoredEvent } from './event.ts';

/**
 * The value of a record of `telemetry.enriched.v1`: one JSON object with these members in this order, each
 * left out where it is unknown. Times are milliseconds since the epoch; `data` is the event's own JSON.
 */
export interface EnrichedEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly source: string;
  readonly sourceId: string;
  readonly toolType: string;
  readonly sourceType: string;
  readonly eventType: string;
  readonly severity: Severity;
  readonly deviceId?: string;
  readonly hostname?: string;
  readonly organizationId?: string;
  readonly organizationName?: string;
  readonly userId?: string;
  readonly summary: string;
  readonly eventTime: number;
  readonly ingestTime: number;
  readonly data?: unknown;
}

/** The members of the enriched JSON, in order, with the way each is printed. */
export const enrichedMembers: readonly EnrichedMember[] = [
  { name: 'eventId', kind: 'text' },
  { name: 'tenantId', kind: 'text' },
  { name: 'source', kind: 'text' },
  { name: 'sourceId', kind: 'text' },
  { name: 'toolType', kind: 'text' },
  { name: 'sourceType', kind: 'text' },
  { name: 'eventType', kind: 'text' },
  { name: 'severity', kind: 'text' },
  { name: 'deviceId', kind: 'text' },
  { name: 'hostname', kind: 'text' },
  { name: 'organizationId', kind: 'text' },
  { name: 'organizationName', kind: 'text' },
  { name: 'userId', kind: 'text' },
  { name: 'summary', kind: 'text' },
  { name: 'eventTime', kind: 'number' },
  { name: 'ingestTime', kind: 'number' },
  { name: 'data', kind: 'json' },
];

/** The event as it is answered, from the enriched topic's JSON. */
export function toStoredEvent(event: EnrichedEvent): StoredEvent {
  return {
    eventId: event.eventId,
    tenantId: event.tenantId,
    source: event.source,
    sourceId: event.sourceId,
    toolType: event.toolType,
    sourceType: event.sourceType,
    eventType: event.eventType,
    severity: event.severity,
    deviceId: event.deviceId ?? null,
    hostname: event.hostname ?? null,
    organizationId: event.organizationId ?? null,
    organizationName: event.organizationName ?? null,
    userId: event.userId ?? null,
    summary: event.summary,
    eventTime: new Date(event.eventTime).toISOString(),
    ingestTime: new Date(event.ingestTime).toISOString(),
    data: event.data ?? null,
  };
}

/**
 * What an event says in its own words: the member `message` of its `data`, as JSON where it is no text. A search looks
 * at it too: the summary is a sentence made of it, or its beginning. Undefined where there is none.
 */
export function messageOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('message' in data)) return undefined;
  const { message } = data;
  if (message === null || message === undefined) return undefined;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
