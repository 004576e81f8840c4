import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { isEventId, storedEventOf, storedEventSql, textOf } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';

/** One event with its data: see `EventLog.event`. */
export async function findEvent(
  file: DuckDbFile,
  scope: TenantScope,
  eventId: string,
): Promise<StoredEvent | null> {
  if (!isEventId(eventId)) return null;
  const from = eventsOf(scope, {});
  const sql = `SELECT ${storedEventSql}, data ${from.sql} AND event_id = ?::UUID LIMIT 1`;
  const row = (await file.query(sql, [...from.parameters, eventId]))[0];
  return row === undefined ? null : withData(storedEventOf(row, null), textOf(row.at(-1)));
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
