import { OpenFrameError } from '../../contracts/errors.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventPageRequest } from '../analytics.ts';
import type { DuckDbReader } from './duckdb-file.ts';
import { isEventId, momentParameter, momentSql, storedEventOf, storedEventSql } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';

/** One page in the order (event time, event id): see `Analytics.events`. */
export async function eventPage(
  file: DuckDbReader,
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

function cursorInvalid(): OpenFrameError {
  return new OpenFrameError('CURSOR_INVALID', 'The cursor names no event: start again without one.');
}
