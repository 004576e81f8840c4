import { randomBytes } from 'node:crypto';

import { createTokens, type Tokens } from '../agent-gateway/tokens.ts';
import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import { createEmbeddedMessaging } from '../brokers/embedded/messaging.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { topicDeclarations } from '../pipelines/topic-declarations.ts';
import type { Analytics } from '../sinks/analytics.ts';
import { createEmbeddedAnalytics } from '../sinks/embedded/analytics.ts';
import { createEmbeddedEventLog } from '../sinks/embedded/event-log.ts';
import type { EventLog } from '../sinks/event-log.ts';
import type { Cache } from '../stores/cache.ts';
import { createDeviceRegistry, type DeviceRegistry } from '../stores/device-registry.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createEmbeddedCache } from '../stores/embedded/cache.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import type { Clock } from '../streams/clock.ts';
import type { Settings } from './settings.ts';

const hourMs = 3_600_000;
const mebibyte = 1024 * 1024;

/** Where each embedded engine keeps its file, in the data folder. */
const storeFiles = {
  messaging: 'messaging.db',
  log: 'log.db',
  eventLog: 'event-log.duckdb',
  analytics: 'analytics.duckdb',
  documents: 'documents.db',
} as const;

export type StoreFile = (name: string) => string;

/**
 * `full` for whoever acknowledges elsewhere once the log has it (the relay). All others commit `normal`: what a
 * power cut takes from them is repeated from what was synced before it, and the sinks are idempotent.
 */
export function openLog(
  file: StoreFile,
  clock: Clock,
  options: { readonly durability: 'normal' | 'full'; readonly sharedBytes?: number },
): Promise<Log> {
  return createEmbeddedLog({ path: file(storeFiles.log), clock, ...options });
}

export function openMessaging(file: StoreFile, clock: Clock): Promise<Messaging> {
  return createEmbeddedMessaging({
    path: file(storeFiles.messaging),
    clock,
    groupCommitMs: 5,
    options: {
      duplicateWindowMs: 120_000,
      retentionBytes: 2048 * mebibyte,
      retentionMs: 72 * hourMs,
    },
  });
}

export function openDocuments(file: StoreFile): DocumentStore {
  return createEmbeddedDocuments({ path: file(storeFiles.documents) });
}

export function openTokens(documents: DocumentStore, clock: Clock): Tokens {
  return createTokens({ documents, clock, randomBytes });
}

/** Every store of the embedded profile, opened by one process. */
export interface Stores extends AsyncDisposable {
  readonly messaging: Messaging;
  readonly log: Log;
  readonly eventLog: EventLog;
  readonly analytics: Analytics;
  readonly documents: DocumentStore;
  readonly cache: Cache;
  readonly devices: DeviceRegistry;
  readonly tokens: Tokens;
}

export async function openStores(file: StoreFile, settings: Settings, clock: Clock): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const memoryLimitMb = Math.round(settings.OPENFRAME_DUCKDB_MEMORY_BYTES / mebibyte);
  const documents = opening.use(openDocuments(file));
  const messaging = opening.use(await openMessaging(file, clock));
  const log = opening.use(await openLog(file, clock, { durability: 'normal', sharedBytes: mebibyte / 2 }));
  await log.declareTopics(topicDeclarations(settings.OPENFRAME_PARTITIONS));
  const [eventLog, analytics] = await Promise.all([
    createEmbeddedEventLog({ path: file(storeFiles.eventLog), clock, memoryLimitMb }),
    createEmbeddedAnalytics({ path: file(storeFiles.analytics), clock, memoryLimitMb }),
  ]);
  opening.use(eventLog);
  opening.use(analytics);
  const cache = opening.use(createEmbeddedCache({ clock }));
  const devices = createDeviceRegistry({ documents, clock });
  const tokens = openTokens(documents, clock);
  const opened = opening.move();
  const dispose = (): Promise<void> => opened.disposeAsync();
  return {
    messaging,
    log,
    eventLog,
    analytics,
    documents,
    cache,
    devices,
    tokens,
    [Symbol.asyncDispose]: dispose,
  };
}
