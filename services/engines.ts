import type { Log } from '../brokers/log.ts';
import type { Messaging, MessagingOptions } from '../brokers/messaging.ts';
import type { Analytics } from '../sinks/analytics.ts';
import type { EventLog } from '../sinks/event-log.ts';
import type { Cache } from '../stores/cache.ts';
import type { DocumentStore } from '../stores/documents.ts';

/** What the messaging of either profile remembers and keeps. */
export const messagingOptions: MessagingOptions = {
  duplicateWindowMs: 120_000,
  retentionBytes: 2048 * 1024 * 1024,
  retentionMs: 72 * 3_600_000,
};

/** What each engine serves, by the name of its port. */
export interface EnginePorts {
  readonly messaging: Messaging;
  readonly log: Log;
  readonly eventLog: EventLog;
  readonly analytics: Analytics;
  readonly documents: DocumentStore;
  readonly cache: Cache;
}

export type EngineName = keyof EnginePorts;

/**
 * The engines of one profile. Each call opens one anew, with what it declares (topics, tables) in place, and
 * the caller disposes of it. Throws a retryable `STORE_UNAVAILABLE` or `NOT_DURABLE_NOW` where the engine does
 * not answer, and what cannot pass by itself (a wrong partition count, missing rights, an older schema) as it is.
 */
export type EngineOpeners = { readonly [Name in EngineName]: () => Promise<EnginePorts[Name]> };

export interface Engines extends EngineOpeners {
  /** Where an engine is, for messages: `Kafka at 127.0.0.1:9092`. */
  where(name: EngineName): string;
}

/**
 * Opens several at the same time and puts them on `stack`, the first named to be closed last. When one cannot
 * be opened the others are closed again, and it throws what that one threw.
 */
export async function openEngines<Name extends EngineName>(
  engines: EngineOpeners,
  names: readonly Name[],
  stack: AsyncDisposableStack,
): Promise<Pick<EnginePorts, Name>> {
  const opened: { -readonly [N in EngineName]?: EnginePorts[N] } = {};
  const open = async <N extends Name>(name: N): Promise<void> => {
    opened[name] = await engines[name]();
  };
  const results = await Promise.allSettled(names.map(open));
  for (const name of names) stack.use(opened[name]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return opened as Pick<EnginePorts, Name>;
}
