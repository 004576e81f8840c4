import { toolTopics, topics } from '../contracts/topics.ts';
import type { TopicDeclaration } from '../brokers/log.ts';

const hourMs = 3_600_000;
const mebibyte = 1024 * 1024;

/** The sizes below are of a partition among so many or more. Of fewer each keeps more: all together keep as much. */
const fewPartitions = 4;

/**
 * What was accepted must fit on all its way: an event of the largest size, which may not compress, with its headers; then
 * with what is added to it; and as a dead letter, whose bytes take a third more.
 */
const maxBatchBytes = { raw: 2 * mebibyte, further: 4 * mebibyte, deadLetters: 8 * mebibyte } as const;

/** How long events are kept on their way. */
const kept = { cleanup: 'delete', retentionMs: 72 * hourMs } as const;
const flowOf = (partitions: number) => ({ partitions, ...kept, maxBatchBytes: maxBatchBytes.further });

/** The topics the platform needs, with what each keeps. Sizes are of one partition. */
export function topicDeclarations(partitions: number): TopicDeclaration[] {
  const mebibytes = (size: number): number =>
    Math.ceil((size * fewPartitions) / Math.min(partitions, fewPartitions)) * mebibyte;
  const flow = flowOf(partitions);
  const state = {
    partitions,
    cleanup: 'compact',
    retentionMs: 0,
    retentionBytes: 0,
    maxBatchBytes: maxBatchBytes.further,
  } as const;
  return [
    { ...flow, name: topics.raw, retentionBytes: mebibytes(1024), maxBatchBytes: maxBatchBytes.raw },
    { ...flow, name: topics.enriched, retentionBytes: mebibytes(1024) },
    { ...flow, name: topics.toolEvents, retentionBytes: mebibytes(256) },
    { ...flow, name: topics.marks, retentionMs: 24 * hourMs, retentionBytes: mebibytes(192) },
    { ...state, name: topics.devices },
    { ...state, name: topics.toolJoins },
    { ...state, name: topics.toolSettings },
    { ...state, name: topics.deviceStates },
    { ...state, name: topics.deadLetters, partitions: 1, maxBatchBytes: maxBatchBytes.deadLetters },
    { ...flow, name: topics.signals, retentionBytes: mebibytes(256) },
    { ...state, name: topics.alerts },
    { ...state, name: topics.alertsState },
    { ...state, name: topics.detectionState },
    ...Object.values(toolTopics).map((name) => ({
      partitions,
      ...kept,
      name,
      retentionBytes: mebibytes(256),
      foreign: true,
    })),
  ];
}

/** Beside the enriched topic, for analytics that reads the log by itself: kept as long, in as many partitions. */
export function analyticsTopicDeclarations(partitions: number): TopicDeclaration[] {
  const flow = flowOf(partitions);
  return [
    { ...flow, name: topics.samples, retentionBytes: 1024 * mebibyte },
    { ...flow, name: topics.deviceNames, retentionBytes: 64 * mebibyte },
    { ...flow, name: topics.completions, retentionBytes: 64 * mebibyte },
  ];
}
