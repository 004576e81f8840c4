import { type EnrichedEvent, enrichedMembers } from '../../contracts/enriched.ts';
import { headers, rawKey } from '../../contracts/topics.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';

/** When the events of tests happen, where they do not say it: 2026-01-31T08:00:00Z. */
export const fixtureTimeMs = Date.UTC(2026, 0, 31, 8);

/** The id of the event with this number. */
export function eventIdOf(number: number): string {
  return `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** An enriched event; what is not given is the same for all, but the id, which follows the number. */
export function enrichedEvent(number: number, given: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return {
    eventId: eventIdOf(number),
    tenantId: 'acme',
    source: '/agents/d1',
    sourceId: `event-${number}`,
    toolType: 'OPENFRAME',
    sourceType: 'openframe.log',
    eventType: 'SYSTEM_LOG',
    severity: 'INFO',
    deviceId: 'd1',
    summary: `event ${number}`,
    eventTime: fixtureTimeMs + number,
    ingestTime: fixtureTimeMs + number + 5,
    ...given,
  };
}

/** The events as a sealed batch of the enriched topic. */
export function enrichedBatch(events: readonly EnrichedEvent[]): Buffer {
  const builder = new RecordBatchBuilder();
  for (const event of events) {
    const members = enrichedMembers.filter(({ name }) => event[name] !== undefined);
    builder.appendRecord({
      key: rawKey(event.tenantId, event.source),
      value: JSON.stringify(Object.fromEntries(members.map(({ name }) => [name, event[name]]))),
      timestampMs: event.eventTime,
      headers: { [headers.tenant]: event.tenantId, [headers.eventId]: event.eventId },
    });
  }
  return builder.finish();
}
