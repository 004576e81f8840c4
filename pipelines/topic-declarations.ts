import { toolTopics, topics } from '../contracts/topics.ts';
import type { TopicDeclaration } from '../brokers/log.ts';

const hourMs = 3_600_000;
const mebibyte = 1024 * 1024;

/** The topics the platform needs, with what each keeps. Sizes are of one partition. */
export function topicDeclarations(partitions: number): TopicDeclaration[] {
  const flow = { partitions, cleanup: 'delete', retentionMs: 72 * hourMs } as const;
  const state = { partitions, cleanup: 'compact', retentionMs: 0, retentionBytes: 0 } as const;
  return [
    { ...flow, name: topics.raw, retentionBytes: 1024 * mebibyte },
    { ...flow, name: topics.enriched, retentionBytes: 1024 * mebibyte },
    { ...flow, name: topics.toolEvents, retentionBytes: 256 * mebibyte },
    { ...flow, name: topics.marks, retentionMs: 24 * hourMs, retentionBytes: 192 * mebibyte },
    { ...state, name: topics.devices },
    { ...state, name: topics.toolJoins },
    { ...state, name: topics.deadLetters, partitions: 1 },
    { ...flow, name: topics.signals, retentionBytes: 256 * mebibyte },
    { ...state, name: topics.alerts },
    { ...state, name: topics.alertsState },
    ...Object.values(toolTopics).map((name) => ({
      ...flow,
      name,
      retentionBytes: 256 * mebibyte,
      foreign: true,
    })),
  ];
}

/** Beside the enriched topic, for analytics that reads the log by itself: kept as long, in as many partitions. */
export function analyticsTopicDeclarations(partitions: number): TopicDeclaration[] {
  const flow = { partitions, cleanup: 'delete', retentionMs: 72 * hourMs } as const;
  return [
    { ...flow, name: topics.samples, retentionBytes: 1024 * mebibyte },
    { ...flow, name: topics.deviceNames, retentionBytes: 64 * mebibyte },
  ];
}
