import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { DuckDbReader } from './duckdb-file.ts';
import { storedEventOf, storedEventSql, textOf } from './event-columns.ts';
import { findRow } from './find-row.ts';

/** One event with its data: see `EventLog.event`. */
export async function findEvent(
  file: DuckDbReader,
  scope: TenantScope,
  eventId: string,
): Promise<StoredEvent | null> {
  const row = await findRow(file, scope, { eventId, select: `${storedEventSql}, data` });
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
