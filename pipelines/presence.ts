import { headers, topics } from '../contracts/topics.ts';
import { watchDevices } from '../enrichers/watch-devices.ts';
import type { FieldDeclaration, RecordFormat } from '../streams/record.ts';
import { from, type Topology } from '../streams/topology.ts';

const text = (name: string): FieldDeclaration => ({ name, kind: 'text' });

/** A record of `telemetry.enriched.v1`, and the raw ones that come of it: their headers are the same. */
const format: RecordFormat = {
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
    [headers.ingestTime]: { name: 'ingestTime', kind: 'number' },
  },
  value: { name: 'data', kind: 'json' },
};

/** What devices do, told as raw events: they go the way of every event from there. */
export const presence: Topology = from('presence', {
  topics: [topics.enriched],
  format,
  ingestTimeField: 'ingestTime',
})
  .through(watchDevices)
  .to({ topic: topics.raw, partitionBy: 'key', value: 'as-is' })
  .build();
