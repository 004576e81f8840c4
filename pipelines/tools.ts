import { toolTopics, topics } from '../contracts/topics.ts';
import { decodeTools } from '../enrichers/decode-tools.ts';
import { joinDevice, type JoinOptions } from '../enrichers/join-device.ts';
import { placeEvent } from '../enrichers/place-event.ts';
import { toolEventFormat, toolTopicFormat } from '../enrichers/tool-format.ts';
import type { ToolDirectory } from '../stores/tool-directory.ts';
import { from, type Topology } from '../streams/topology.ts';

/** Tools' topics, read as they are, to decoded events and halves of joins, keyed so that both halves meet. */
export const tools: Topology = from('tools', {
  topics: Object.values(toolTopics),
  format: toolTopicFormat,
})
  .through(decodeTools)
  .to({ topic: topics.toolEvents, partitionBy: 'key', value: 'as-is' })
  .build();

/** Decoded events, placed and joined with their device: from there on they go the way of every event. */
export function place(
  options: JoinOptions,
  directory: Pick<ToolDirectory, 'connection' | 'device'>,
): Topology {
  return from('place', {
    topics: [topics.toolEvents],
    format: toolEventFormat,
    ingestTimeField: 'ingestTime',
  })
    .through(placeEvent(directory))
    .through(joinDevice(options))
    .to({ topic: topics.raw, partitionBy: 'key', value: 'as-is' })
    .build();
}
