import type { Log, TopicDeclaration } from '../../brokers/log.ts';
import { type Reader, readerOf } from '../batches.ts';

/** A fresh, empty storage of one log. */
export interface LogSubject extends AsyncDisposable {
  /** Opens the storage. Once more without closing the first: a crash and restart, or a second process. */
  open(): Promise<Log>;
  /** Moves the engine's time on. */
  advance(ms: number): Promise<void>;
  /** From now on no write succeeds, until `mendWrites`. */
  failWrites(): void;
  mendWrites(): void;
}

export const hourMs = 3_600_000;
/** More than any test's time, in milliseconds, or size, in bytes. */
export const unlimited = 2 ** 40;

export function declare(name: string, change: Partial<TopicDeclaration> = {}): TopicDeclaration {
  return {
    name,
    partitions: 3,
    cleanup: 'delete',
    retentionMs: hourMs,
    retentionBytes: unlimited,
    ...change,
  };
}

export async function openWith(subject: LogSubject, ...topics: readonly TopicDeclaration[]): Promise<Log> {
  const log = await subject.open();
  await log.declareTopics(topics.length > 0 ? topics : [declare('in'), declare('out')]);
  return log;
}

export async function readerIn(
  subject: LogSubject,
  log: Log,
  group = 'group',
  topic = 'in',
): Promise<Reader> {
  return readerOf(await log.source({ group, topics: [topic] }), subject.advance);
}

export async function committed(log: Log, group = 'group', partition = 0): Promise<number> {
  const found = (await log.lag()).find((lag) => lag.group === group && lag.partition === partition);
  return found?.committedOffset ?? 0;
}
