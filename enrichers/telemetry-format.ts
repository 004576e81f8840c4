import { enrichedMembers } from '../contracts/enriched.ts';
import { headers } from '../contracts/topics.ts';
import type { FieldDeclaration, RecordFormat } from '../streams/record.ts';

const text = (name: string): FieldDeclaration => ({ name, kind: 'text' });

/** Which fields a record of `telemetry.raw.v1` carries, named as the enriched event names them. */
export const rawFormat: RecordFormat = {
  headers: {
    [headers.id]: text('sourceId'),
    [headers.source]: text('source'),
    [headers.type]: text('sourceType'),
    [headers.user]: text('userId'),
    [headers.tenant]: text('tenantId'),
    [headers.device]: text('deviceId'),
    [headers.eventId]: text('eventId'),
    [headers.ingestTime]: { name: 'ingestTime', kind: 'number' },
    [headers.tool]: text('toolType'),
    [headers.replay]: text('replay'),
  },
  value: { name: 'data', kind: 'json' },
};

/** The enriched event's members as fields of the topology. */
export const enrichedFields: readonly FieldDeclaration[] = enrichedMembers.map((m) => ({ ...m }));
