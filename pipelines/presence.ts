import { topics } from '../contracts/topics.ts';
import { toolEventFormat } from '../enrichers/tool-format.ts';
import { watchDevices } from '../enrichers/watch-devices.ts';
import { from, type Topology } from '../streams/topology.ts';

/** What devices do, told as raw events, which go the way of every event: an enriched event has their headers too. */
export const presence: Topology = from('presence', {
  topics: [topics.enriched],
  format: toolEventFormat,
  ingestTimeField: 'ingestTime',
})
  .through(watchDevices)
  .to({ topic: topics.raw, partitionBy: 'key', value: 'as-is' })
  .build();
