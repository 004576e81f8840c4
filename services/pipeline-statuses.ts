import { topics } from '../contracts/topics.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import type { RunStatus } from '../streams/run.ts';

export interface StatusSources {
  readonly log: Log;
  readonly messaging: Messaging;
  statuses(): readonly RunStatus[];
}

/** Every pipeline with its lag, which the brokers know: asked at most once in `maxAgeMs`. */
export function createPipelineStatuses(
  sources: StatusSources,
  nowMs: () => number,
  maxAgeMs = 500,
): () => Promise<readonly PipelineStatus[]> {
  let lags = new Map<string, number>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  const refresh = async (): Promise<void> => {
    if (nowMs() - readAtMs < maxAgeMs) return;
    readAtMs = nowMs();
    const found = new Map<string, number>();
    for (const { group, topic, committedOffset, endOffset } of await sources.log.lag()) {
      if (topic !== topics.raw && topic !== topics.enriched) continue;
      found.set(group, (found.get(group) ?? 0) + Math.max(0, endOffset - committedOffset));
    }
    const messaging = await sources.messaging.status();
    for (const [consumer, next] of Object.entries(messaging.consumers)) {
      found.set(consumer, Math.max(0, messaging.nextSequence - next));
    }
    lags = found;
  };
  return async () => {
    await refresh();
    return sources.statuses().map((status) => ({ ...status, lag: lags.get(status.name) ?? 0 }));
  };
}
