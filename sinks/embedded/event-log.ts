import type { StoredEvent } from '../../contracts/event.ts';
import type { EventLog } from '../event-log.ts';
import type { Clock } from '../../streams/clock.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { createEventsSql, isEventId, storedEventOf, storedEventSql, textOf } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';
import type { EventTable } from './event-table.ts';
import { writeEvents } from './event-writer.ts';
import { createStagingFolder } from './staging-folder.ts';
import { deleteEventsBefore, storedAtMs, storedEventIds } from './stored-events.ts';

export interface EmbeddedEventLogOptions {
  /** The DuckDB file; its folder is created where missing. Staging files go to a folder beside it. */
  readonly path: string;
  /** Says when a row was written. */
  readonly clock: Clock;
  /** What the engine may hold in memory. Default 160. */
  readonly memoryLimitMb?: number;
  /** See `DuckDbFileOptions.checkpointMb`. */
  readonly checkpointMb?: number;
}

const table: EventTable = {
  payloadName: 'data',
  payloadColumn: 'data VARCHAR',
  dataType: 'JSON',
  payloadSql: 'data::VARCHAR',
  repairedDataType: 'VARCHAR',
  repairedData: (_data, text) => text,
};

/**
 * The event log in a DuckDB file, which one process has open at a time. `data` is kept as the JSON text that
 * came, but for white space. Throws `DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW` or `STORE_UNAVAILABLE`.
 */
export async function createEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  await using opening = new AsyncDisposableStack();
  const file = opening.use(
    await DuckDbFile.open({
      path: options.path,
      memoryLimitMb: options.memoryLimitMb ?? 160,
      checkpointMb: options.checkpointMb ?? 32,
      schema: [createEventsSql(table.payloadColumn)],
      schemaVersion: 1,
    }),
  );
  const folder = opening.use(await createStagingFolder(`${file.path}.staging`));
  const owned = opening.move();
  return {
    name: 'event-log',
    write: (batches, signal) => writeEvents({ file, folder, table, clock: options.clock }, batches, signal),
    async event(scope, eventId) {
      if (!isEventId(eventId)) return null;
      const from = eventsOf(scope, {});
      const sql = `SELECT ${storedEventSql}, data ${from.sql} AND event_id = ?::UUID LIMIT 1`;
      const row = (await file.query(sql, [...from.parameters, eventId]))[0];
      return row === undefined ? null : withData(storedEventOf(row, null), textOf(row.at(-1)));
    },
    storedAtMs: (scope, eventId) => storedAtMs(file, scope, eventId),
    eventIds: () => storedEventIds(file),
    deleteBefore: (eventTimeMs) => deleteEventsBefore(file, eventTimeMs),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Text that JavaScript cannot read as JSON (a NaN, say) is answered as the text it is. */
function withData(event: StoredEvent, text: string | null): StoredEvent {
  if (text === null) return event;
  try {
    return { ...event, data: JSON.parse(text) as unknown };
  } catch {
    return { ...event, data: text };
  }
}
