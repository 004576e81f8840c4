import { resolve } from 'node:path';

import type { Clock } from '../../streams/clock.ts';
import type { Analytics } from '../analytics.ts';
import type { EventLog } from '../event-log.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { eventStats } from './event-counts.ts';
import { facetCounts } from './event-facets.ts';
import { findEvent } from './event-lookup.ts';
import { eventPage } from './event-pages.ts';
import { addMessageSql, createEventsSql } from './event-table.ts';
import { writeEvents } from './event-writer.ts';
import { exportEvents } from './export-events.ts';
import { importOlder, type OlderFiles } from './import-older.ts';
import { metricSeries } from './metric-series.ts';
import { samplesViewSql } from './samples.ts';
import { createSqlConsole } from './sql-console.ts';
import { createStagingFolder } from './staging-folder.ts';
import { deleteEventsBefore, storedAtMs, storedEventIds } from './stored-events.ts';
import { dropStretchesSql, stretchSchema } from './stretch-tables.ts';
import { Stretches } from './stretches.ts';
import { createTenantTurns } from '../tenant-turns.ts';

/** Of the three readers: no tenant takes all. */
const turnsOfTenant = 2;
/** The form of the file that this version writes. */
export const storeFormat = 5;

export interface EmbeddedEventStoreOptions {
  /** The DuckDB file; its folder is created where missing. Staging files go to a folder beside it. */
  readonly path: string;
  /** Says when a row was written. */
  readonly clock: Clock;
  /** What the engine may hold in memory. Default 256. */
  readonly memoryLimitMb?: number;
  /** Events that are counted together when they are no longer new, about. Default 500,000. */
  readonly stretchEvents?: number;
  /** Files of an older form that may be there, to be taken over. */
  readonly older?: OlderFiles;
}

/** Event log and analytics on one table: a row that one of them wrote is the other's as well. */
export type EmbeddedEventStore = EventLog & Analytics;

/**
 * The store of events in a DuckDB file, which one process has open at a time. What is written is answered at once
 * and durable with the next flush. Throws `DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW` or `STORE_UNAVAILABLE`.
 */
export async function createEmbeddedEventStore(
  options: EmbeddedEventStoreOptions,
): Promise<EmbeddedEventStore> {
  await using opening = new AsyncDisposableStack();
  const file = opening.use(
    await DuckDbFile.open({
      path: options.path,
      readableFolder: `${resolve(options.path)}.staging`,
      readableFiles: filesOf(options.older),
      memoryLimitMb: options.memoryLimitMb ?? 256,
      schema: [createEventsSql, samplesViewSql, ...stretchSchema],
      schemaVersion: storeFormat,
      upgrade: [addMessageSql, ...dropStretchesSql('true')],
    }),
  );
  if (options.older !== undefined) await importOlder(file, options.older);
  const folder = opening.use(await createStagingFolder(`${file.path}.staging`));
  const stretches = new Stretches(file, options.clock, options.stretchEvents ?? 500_000);
  const writer = { file, folder, clock: options.clock, stretches };
  const takeTurn = createTenantTurns(turnsOfTenant);
  const owned = opening.move();
  return {
    name: 'event-log',
    write: (batches, signal) => writeEvents(writer, batches, signal),
    deferred: {
      async flush() {
        await file.checkpoint();
        await stretches.count();
      },
      losses: () => file.losses,
    },
    event: (scope, eventId) => takeTurn(scope, () => findEvent(file, scope, eventId)),
    events: (scope, request) => takeTurn(scope, () => eventPage(file, scope, request)),
    facets: (scope, filter, limit) => takeTurn(scope, () => facetCounts(file, scope, filter, limit)),
    stats: (scope, request) => takeTurn(scope, () => eventStats(file, scope, request)),
    metricSeries: (scope, request) => takeTurn(scope, () => metricSeries(file, scope, request)),
    exportEvents: (scope, filter, sort, signal) => exportEvents(file, { scope, filter, sort }, signal),
    sql: createSqlConsole(file, options.clock),
    storedAtMs: (scope, eventId) => storedAtMs(file, scope, eventId),
    eventIds: () => storedEventIds(file),
    deleteBefore: (eventTimeMs, except) => deleteEventsBefore(writer, eventTimeMs, except),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Those that are attached, with what the engine keeps beside them. */
function filesOf(older: OlderFiles | undefined): string[] {
  return older === undefined ? [] : [older.eventLog, `${older.eventLog}.wal`];
}
