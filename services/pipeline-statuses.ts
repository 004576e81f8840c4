import { topics } from '../contracts/topics.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { Log } from '../brokers/log.ts';
import type { MessagingStatus } from '../brokers/messaging.ts';
import type { RunStatus } from '../streams/running.ts';

/** Who knows what of the pipelines. A role has only the brokers that it uses. */
export interface StatusSources {
  readonly log?: Pick<Log, 'lag'>;
  readonly messaging?: { status(): Promise<MessagingStatus | undefined> };
  statuses(): readonly RunStatus[] | Promise<readonly RunStatus[]>;
}

/** So long an answer waits for a store that does not answer, before it says what was known last. */
const patienceMs = 1000;

/**
 * Every pipeline as it says now, with its lag, which the brokers know: asked at most once in `maxAgeMs`. While a
 * store or broker does not answer, what it told last stands.
 */
export function createPipelineStatuses(
  sources: StatusSources,
  nowMs: () => number,
  maxAgeMs = 500,
): () => Promise<readonly PipelineStatus[]> {
  let lags = new Map<string, GroupLag>();
  let known: readonly RunStatus[] = [];
  let reading: Promise<void> | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  const readLags = async (): Promise<void> => {
    readAtMs = nowMs();
    lags = await lagsOf(sources).catch(() => lags);
  };
  const readStatuses = async (): Promise<void> => {
    known = await sources.statuses();
  };
  return async () => {
    if (nowMs() - readAtMs >= maxAgeMs) reading ??= readLags().finally(() => (reading = undefined));
    await settledWithin(Promise.all([readStatuses().catch(() => undefined), reading]), patienceMs);
    return known.map(({ unflushed = 0, ...status }) => {
      const { records = 0, behind = [] } = lags.get(status.name) ?? {};
      const lag = Math.max(0, records - unflushed);
      return { ...status, lag, ...(lag === 0 || behind.length === 0 ? {} : { behind }) };
    });
  };
}

async function settledWithin(work: Promise<unknown>, maxMs: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, maxMs);
  await Promise.race([work, over.promise]);
  clearTimeout(timer);
}

interface GroupLag {
  readonly records: number;
  readonly behind: NonNullable<PipelineStatus['behind']>;
}

async function lagsOf({ log, messaging }: StatusSources): Promise<Map<string, GroupLag>> {
  const found = new Map<string, GroupLag>();
  for (const { group, topic, partition, committedOffset, endOffset } of (await log?.lag()) ?? []) {
    if (topic !== topics.raw && topic !== topics.enriched) continue;
    const records = Math.max(0, endOffset - committedOffset);
    const before = found.get(group) ?? { records: 0, behind: [] };
    const here = records === 0 ? [] : [{ topic, partition, records }];
    found.set(group, { records: before.records + records, behind: [...before.behind, ...here] });
  }
  const status = await messaging?.status();
  for (const [consumer, next] of Object.entries(status?.consumers ?? {})) {
    found.set(consumer, { records: Math.max(0, (status?.nextSequence ?? 0) - next), behind: [] });
  }
  return found;
}
