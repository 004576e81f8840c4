import { telemetryStream, topics } from '../contracts/topics.ts';
import { rawFormat } from '../enrichers/telemetry-format.ts';
import { from, type Topology } from '../streams/topology.ts';

/** Messaging to log: what the gateway accepted, keyed by tenant and source, unchanged. */
export const relay: Topology = from('relay', {
  topics: [telemetryStream],
  format: rawFormat,
  ingestTimeField: 'ingestTime',
})
  .to({ topic: topics.raw, partitionBy: 'key', value: 'as-is' })
  .build();
