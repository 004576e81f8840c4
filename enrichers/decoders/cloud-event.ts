import { type Decoded, type DecoderInput, nothing, refused, type ToolEvent } from './decoded.ts';
import { filled, isMembers, type Members, parseJson, textOf, timeOf } from './values.ts';

/**
 * CloudEvents 1.0 in structured mode from a topic (Kafka protocol binding, section 3.3), one or a batch: for
 * senders that write to Kafka themselves. At the gateway's door the same events are checked more strictly. `source`
 * and `id` name the event as everywhere, below the connection that it came by.
 */
export function decodeCloudEvent(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('tombstone');
  const value = parseJson(input.bytes);
  if (value === undefined) return refused('NOT_JSON');
  const entries = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const events: ToolEvent[] = [];
  for (const entry of entries) {
    const event = isMembers(entry) ? eventOf(entry, input) : null;
    if (event === null) return refused('NOT_A_CLOUDEVENT', 'it needs specversion 1.0, id, source and type');
    events.push(event);
  }
  return events.length === 0 ? nothing('no events') : { kind: 'events', events };
}

function eventOf(event: Members, { connection, receivedMs }: DecoderInput): ToolEvent | null {
  const { specversion, id, source, type, subject } = event;
  if (specversion !== '1.0' || textOf(id) === '' || textOf(source) === '' || textOf(type) === '') return null;
  const timeMs = timeOf(event['time']);
  return {
    tool: 'CLOUDEVENTS',
    server: connection,
    path: encodeURIComponent(textOf(source).toWellFormed()),
    id: textOf(id),
    sourceType: textOf(type),
    timeMs: Number.isNaN(timeMs) ? receivedMs : timeMs,
    scope: null,
    data: {
      ...(textOf(subject) === '' ? {} : { device: filled({ agentId: textOf(subject) }) }),
      row: event['data'] ?? null,
    },
  };
}
