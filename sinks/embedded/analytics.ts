import { agentEventTypes } from '../../contracts/event.ts';
import type { Analytics } from '../analytics.ts';
import type { Clock } from '../../streams/clock.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { createEventsSql } from './event-columns.ts';
import { eventStats, facetCounts } from './event-counts.ts';
import { eventPage, exportPages } from './event-pages.ts';
import type { EventTable } from './event-table.ts';
import { writeEvents } from './event-writer.ts';
import { metricSeries } from './metric-series.ts';
import { createStagingFolder } from './staging-folder.ts';
import { deleteEventsBefore, storedAtMs, storedEventIds } from './stored-events.ts';

export interface EmbeddedAnalyticsOptions {
  /** The DuckDB file; its folder is created where missing. Staging files go to a folder beside it. */
  readonly path: string;
  /** Says when a row was written. */
  readonly clock: Clock;
  /** What the engine may hold in memory. Default 160. */
  readonly memoryLimitMb?: number;
  /** See `DuckDbFileOptions.checkpointMb`. */
  readonly checkpointMb?: number;
}

/** Labels are kept as the JSON text that came. */
const samplesType = 'STRUCT(name VARCHAR, "value" DOUBLE, unit VARCHAR, labels VARCHAR)[]';

/**
 * An event's samples stand in its row: a row and its samples are there together or not at all, and a sample
 * costs no copy of tenant, device and time.
 */
const table: EventTable = {
  payloadName: 'samples',
  payloadColumn: `samples ${samplesType}`,
  dataType: `STRUCT(samples ${samplesType})`,
  payloadSql: `CASE WHEN "sourceType" = '${agentEventTypes.metrics}' THEN data.samples END`,
  repairedDataType: `STRUCT(samples ${samplesType})`,
  repairedData: repairedSamples,
};

/** The samples of all events, a row each, for whoever looks into the file by hand. */
const samplesView = `
  CREATE VIEW IF NOT EXISTS metric_samples AS
  SELECT event_id, tenant_id, device_id, sample.name AS name, sample.unit AS unit, sample.labels AS labels,
    event_time, sample.value AS value
  FROM (SELECT event_id, tenant_id, device_id, event_time, unnest(samples) AS sample FROM events)
  WHERE sample.name IS NOT NULL AND isfinite(sample.value)`;

/**
 * Analytics in a DuckDB file, which one process has open at a time. Throws `DATA_FOLDER_IN_USE`,
 * `DATA_FOLDER_TOO_NEW` or `STORE_UNAVAILABLE`.
 */
export async function createEmbeddedAnalytics(options: EmbeddedAnalyticsOptions): Promise<Analytics> {
  await using opening = new AsyncDisposableStack();
  const file = opening.use(
    await DuckDbFile.open({
      path: options.path,
      memoryLimitMb: options.memoryLimitMb ?? 160,
      checkpointMb: options.checkpointMb ?? 32,
      schema: [createEventsSql(table.payloadColumn), samplesView],
      schemaVersion: 1,
    }),
  );
  const folder = opening.use(await createStagingFolder(`${file.path}.staging`));
  const owned = opening.move();
  return {
    name: 'analytics',
    write: (batches, signal) => writeEvents({ file, folder, table, clock: options.clock }, batches, signal),
    events: (scope, request) => eventPage(file, scope, request),
    facets: (scope, filter, limit) => facetCounts(file, scope, filter, limit),
    stats: (scope, request) => eventStats(file, scope, request),
    metricSeries: (scope, request) => metricSeries(file, scope, request),
    exportEvents: (scope, filter, sort, signal) => exportPages(file, scope, filter, sort, signal),
    storedAtMs: (scope, eventId) => storedAtMs(file, scope, eventId),
    eventIds: () => storedEventIds(file),
    deleteBefore: (eventTimeMs) => deleteEventsBefore(file, eventTimeMs),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The members of samples that are kept, as the engine's JSON reader takes them: labels as JSON text. */
function repairedSamples(data: unknown): { readonly samples: readonly unknown[] } {
  const samples = membersOf(data).get('samples');
  if (!Array.isArray(samples)) return { samples: [] };
  return {
    samples: samples.map((sample: unknown) => {
      const members = membersOf(sample);
      const value = members.get('value');
      const labels = members.get('labels') ?? null;
      return {
        name: textMember(members.get('name')),
        value: typeof value === 'number' ? value : undefined,
        unit: textMember(members.get('unit')),
        labels: labels === null ? undefined : JSON.stringify(labels),
      };
    }),
  };
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function textMember(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toWellFormed() : undefined;
}
