import { createEmbeddedLog, type EmbeddedLogOptions } from '../brokers/embedded/log.ts';
import { createEmbeddedMessaging } from '../brokers/embedded/messaging.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { topics } from '../contracts/topics.ts';
import { topicDeclarations } from '../pipelines/topic-declarations.ts';
import type { EmbeddedEventStore, EmbeddedEventStoreOptions } from '../sinks/embedded/event-store.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createEmbeddedCache } from '../stores/embedded/cache.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import type { Clock } from '../streams/clock.ts';
import { type Engines, messagingOptions } from './engines.ts';
import type { Settings } from './settings.ts';

const mebibyte = 1024 * 1024;

/** Where each embedded engine keeps its file, in the data folder. */
const storeFiles = {
  messaging: 'messaging.db',
  log: 'log.db',
  eventLog: 'events.duckdb',
  analytics: 'events.duckdb',
  documents: 'documents.db',
} as const;

export type StoreFile = (name: string) => string;

/**
 * `full` for whoever acknowledges elsewhere once the log has it (the relay). All others commit `normal`: what a
 * power cut takes from them is repeated from what was synced before it, and the sinks are idempotent.
 */
export function openEmbeddedLog(
  file: StoreFile,
  clock: Clock,
  options: Pick<EmbeddedLogOptions, 'durability' | 'sharedBytes'>,
): Promise<Log> {
  return createEmbeddedLog({ path: file(storeFiles.log), clock, ...options });
}

export function openEmbeddedMessaging(file: StoreFile, clock: Clock): Promise<Messaging> {
  return createEmbeddedMessaging({
    path: file(storeFiles.messaging),
    clock,
    groupCommitMs: 20,
    options: messagingOptions,
  });
}

export function openEmbeddedDocuments(file: StoreFile): DocumentStore {
  return createEmbeddedDocuments({ path: file(storeFiles.documents) });
}

/** The engines of one process: files of the data folder, and its memory. */
export function embeddedEngines(file: StoreFile, settings: Settings, clock: Clock): Engines {
  const memoryLimitMb = Math.round(settings.OPENFRAME_DUCKDB_MEMORY_BYTES / mebibyte);
  const older = { eventLog: file('event-log.duckdb'), analytics: file('analytics.duckdb') };
  /** One store serves two ports, and each of them may dispose of it: twice is fine. */
  let opened: Promise<EmbeddedEventStore> | undefined;
  const openEvents = (): Promise<EmbeddedEventStore> =>
    (opened ??= openEventStore({ path: file(storeFiles.eventLog), clock, memoryLimitMb, older }));
  return {
    where: (name) => (name === 'cache' ? 'memory' : file(storeFiles[name])),
    messaging: () => openEmbeddedMessaging(file, clock),
    log: async () => {
      const log = await openEmbeddedLog(file, clock, { durability: 'normal', sharedBytes: 2 * mebibyte });
      try {
        await log.declareTopics(topicDeclarations(settings.OPENFRAME_PARTITIONS ?? partitionsOf(log)));
        return log;
      } catch (error) {
        await log[Symbol.asyncDispose]();
        throw error;
      }
    },
    eventLog: openEvents,
    analytics: openEvents,
    documents: () => Promise.resolve(openEmbeddedDocuments(file)),
    cache: () => Promise.resolve(createEmbeddedCache({ clock })),
  };
}

/** The engine is loaded where it is used, which is not in every thread. */
async function openEventStore(options: EmbeddedEventStoreOptions): Promise<EmbeddedEventStore> {
  const { createEmbeddedEventStore } = await import('../sinks/embedded/event-store.ts');
  return createEmbeddedEventStore(options);
}

/** As many as the topics were made with; one where they are new, since one worker reads all. */
function partitionsOf(log: Log): number {
  try {
    return log.partitionCount(topics.raw);
  } catch (error) {
    if (error instanceof OpenFrameError && error.code === 'ARGUMENT_INVALID') return 1;
    throw error;
  }
}
