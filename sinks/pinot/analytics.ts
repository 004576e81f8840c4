import { OpenFrameError } from '../../contracts/errors.ts';
import { topics } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Analytics } from '../analytics.ts';
import { exportPages } from '../export-pages.ts';
import { PinotClient, type PinotConnection } from './client.ts';
import { facetCounts } from './event-facets.ts';
import { eventPage } from './event-pages.ts';
import { eventStats } from './event-stats.ts';
import { metricSeries } from './metric-series.ts';
import { openTables, remakeTables } from './open-tables.ts';
import { PinotProgress } from './progress.ts';
import { createSqlConsole } from './sql-console.ts';
import { storedAtMs, storedEventIds } from './stored-events.ts';
import type { TableKind, TableSettings } from './tables.ts';
import { TenantRows } from './tenant-rows.ts';
import { AnalyticsWriter, type AppendSide } from './writer.ts';

export interface PinotAnalyticsOptions extends PinotConnection, TableSettings {
  /** How what Pinot cannot read from the enriched topic gets onto the topics beside it. */
  readonly append: AppendSide;
  /** Says how long is waited, and stamps records of the topics beside. */
  readonly clock: Clock;
}

/**
 * Analytics in Apache Pinot (0.11 and 1.x), which reads the enriched topic by itself; many processes may have it
 * open. Makes its tables first. Throws `STORE_UNAVAILABLE` (retryable), `CONFIGURATION_INVALID` or
 * `DATA_FOLDER_TOO_NEW`; nothing is open then.
 */
export async function createPinotAnalytics(options: PinotAnalyticsOptions): Promise<Analytics> {
  const { prefix, append, clock, retentionMs } = options;
  checkPrefix(prefix);
  const client = new PinotClient(options);
  const tables = { client, settings: options, clock };
  try {
    await openTables(tables);
  } catch (error) {
    client.close();
    throw error;
  }
  const rows = new TenantRows(client, prefix);
  const progress = new PinotProgress(client, prefix, clock);
  const writer = new AnalyticsWriter({ append, progress, clock });
  return {
    name: 'analytics',
    write: (batches, signal) => writer.write(batches, signal),
    events: (scope, request) => eventPage(rows, scope, request),
    facets: (scope, filter, limit) => facetCounts(rows, scope, filter, limit),
    stats: (scope, request) => eventStats(rows, scope, request),
    metricSeries: (scope, request) => metricSeries(rows, scope, request),
    exportEvents: (scope, filter, sort, signal) =>
      exportPages((request) => eventPage(rows, scope, request), filter, sort, signal),
    sql: createSqlConsole(rows),
    storedAtMs: (scope, eventId) => storedAtMs(rows, scope, eventId),
    eventIds: () => storedEventIds(rows),
    deleteBefore(eventTimeMs) {
      // Pinot drops segments that are as old as the retention by itself.
      if (retentionMs !== undefined && eventTimeMs <= clock.nowMs() - retentionMs) return Promise.resolve();
      return Promise.reject(cannotDelete());
    },
    readsLog: {
      topics: Object.keys(tableOfTopic),
      progress: (topic) => progress.of(tableOfTopic[topic] ?? 'events'),
      startAnew: () => remakeTables(tables),
    },
    [Symbol.asyncDispose]() {
      client.close();
      return Promise.resolve();
    },
  };
}

const tableOfTopic: Readonly<Record<string, TableKind>> = {
  [topics.enriched]: 'events',
  [topics.samples]: 'samples',
  [topics.deviceNames]: 'deviceNames',
  [topics.completions]: 'completions',
};

/** It stands in questions as it is. */
function checkPrefix(prefix: string): void {
  if (/^([a-zA-Z][a-zA-Z0-9_-]*)?$/.test(prefix)) return;
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    `'${prefix}' cannot stand before the name of a table in Pinot: give letters, digits, - and _, starting with a letter.`,
    { details: { field: 'prefix' } },
  );
}

function cannotDelete(): OpenFrameError {
  return new OpenFrameError(
    'ARGUMENT_INVALID',
    'Pinot deletes whole segments by the retention of its tables, and no single events: shorten the retention.',
  );
}
