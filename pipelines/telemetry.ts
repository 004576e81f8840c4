import { headers, topics } from '../contracts/topics.ts';
import { addDevice } from '../enrichers/add-device.ts';
import { decode } from '../enrichers/decode.ts';
import { dedupe, type DedupeOptions } from '../enrichers/dedupe.ts';
import { normalise } from '../enrichers/normalise.ts';
import { enrichedFields, rawFormat } from '../enrichers/telemetry-format.ts';
import { from, type Topology } from '../streams/topology.ts';

/** Raw events to the one clean stream: each once, named, and joined with its device. */
export function telemetry(options: DedupeOptions): Topology {
  return from('telemetry', {
    topics: [topics.raw],
    format: rawFormat,
    ingestTimeField: 'ingestTime',
  })
    .through(decode)
    .through(dedupe(options))
    .through(normalise)
    .through(addDevice)
    .to({
      topic: topics.enriched,
      partitionBy: 'same',
      value: enrichedFields,
      addHeaders: { [headers.backfill]: 'backfill' },
    })
    .build();
}
