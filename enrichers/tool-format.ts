import { headers, toolHeaders } from '../contracts/topics.ts';
import type { FieldDeclaration, RecordFormat } from '../streams/record.ts';

const text = (name: string): FieldDeclaration => ({ name, kind: 'text' });
const carried = {
  [headers.ingestTime]: { name: 'ingestTime', kind: 'number' },
  [headers.replay]: text('replay'),
  [headers.replays]: text('replays'),
} as const;

/** A record of a tool's topic, as its connector wrote it. */
export const toolTopicFormat: RecordFormat = {
  headers: {
    [toolHeaders.messageType]: text('messageType'),
    [toolHeaders.contentType]: text('contentType'),
    [toolHeaders.connection]: text('connection'),
    ...carried,
  },
  value: { name: 'value', kind: 'json' },
};

/**
 * A record of `telemetry.tools.v1`: a `ToolEvent` or a `DeviceLink` as JSON. The other headers are those of
 * `telemetry.raw.v1`, in its order: the records that leave the topology carry them.
 */
export const toolEventFormat: RecordFormat = {
  headers: {
    [headers.specVersion]: text('specVersion'),
    [headers.id]: text('sourceId'),
    [headers.source]: text('source'),
    [headers.type]: text('sourceType'),
    [headers.time]: text('time'),
    [headers.contentType]: text('contentType'),
    [headers.tenant]: text('tenantId'),
    [headers.device]: text('deviceId'),
    [headers.eventId]: text('eventId'),
    [headers.ingestTime]: carried[headers.ingestTime],
    [headers.tool]: text('toolType'),
    [headers.user]: text('userId'),
    [headers.replay]: carried[headers.replay],
    [headers.replays]: carried[headers.replays],
    [headers.completes]: text('completes'),
  },
  value: { name: 'data', kind: 'json' },
};
