import { OpenFrameError } from '../../contracts/errors.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, EventPageRequest, EventPosition, SortDirection } from '../analytics.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { isEventId, momentParameter, momentSql, storedEventOf, storedEventSql } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';

const exportPageRows = 5_000;

/** One page in the order (event time, event id): see `Analytics.events`. */
export async function eventPage(
  file: DuckDbFile,
  scope: TenantScope,
  { filter, limit, sort, after }: EventPageRequest,
): Promise<readonly StoredEvent[]> {
  const from = eventsOf(scope, filter);
  const parameters = [...from.parameters];
  let sql = `SELECT ${storedEventSql} ${from.sql}`;
  if (after !== undefined) {
    if (!isEventId(after.eventId)) throw cursorInvalid();
    const beyond = sort === 'asc' ? '>' : '<';
    sql += ` AND event_time ${beyond}= ${momentSql} AND (event_time ${beyond} ${momentSql} OR event_id ${beyond} ?::UUID)`;
    const moment = momentParameter(after.eventTimeMs);
    parameters.push(moment, moment, after.eventId);
  }
  sql += ` ORDER BY events.event_time ${sort}, events.event_id ${sort} LIMIT ?`;
  const rows = await file.query(sql, [...parameters, BigInt(limit)]);
  return rows.map((row) => storedEventOf(row, null));
}

/** Every matching event in pages: see `Analytics.exportEvents`. Rejects with the signal's reason when it aborts. */
export async function* exportPages(
  file: DuckDbFile,
  scope: TenantScope,
  filter: EventFilter,
  sort: SortDirection,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  let after: EventPosition | undefined;
  for (;;) {
    signal.throwIfAborted();
    const request = { filter, limit: exportPageRows, sort };
    const page = await eventPage(file, scope, after === undefined ? request : { ...request, after });
    const last = page.at(-1);
    if (last !== undefined) yield page;
    if (last === undefined || page.length < exportPageRows) return;
    after = { eventTimeMs: Date.parse(last.eventTime), eventId: last.eventId };
  }
}

function cursorInvalid(): OpenFrameError {
  return new OpenFrameError('CURSOR_INVALID', 'The cursor names no event: start again without one.');
}
