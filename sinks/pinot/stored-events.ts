import type { TenantScope } from '../../contracts/tenant.ts';
import type { StoredEventId } from '../event-log.ts';
import { isEventId } from './enriched-record.ts';
import { fromStoredText, literal } from './stored-text.ts';
import type { TenantRows } from './tenant-rows.ts';

const chunkRows = 50_000;

/** When an event's row was written, by Pinot's clock; null where this tenant has none. */
export async function storedAtMs(
  rows: TenantRows,
  scope: TenantScope,
  eventId: string,
): Promise<number | null> {
  if (!isEventId(eventId)) return null;
  const where = [`event_id = ${literal(eventId.toLowerCase())}`];
  const [row] = await rows.of(scope, 'events', { select: 'stored_time', where, rest: 'LIMIT 1' });
  return row === undefined ? null : Number(row[0]);
}

/** Every event id, in chunks in the order of time: rows that are added meanwhile move nothing. */
export async function* storedEventIds(rows: TenantRows): AsyncGenerator<readonly StoredEventId[]> {
  let where: string[] = [];
  for (;;) {
    const found = await rows.ofAllTenants('events', {
      select: 'tenant_id, event_id, event_time',
      where,
      rest: `ORDER BY event_time, event_id, tenant_id LIMIT ${chunkRows}`,
    });
    yield found.map(([tenantId, eventId]) => ({
      tenantId: fromStoredText(tenantId) ?? '',
      eventId: String(eventId),
    }));
    const last = found.at(-1);
    if (last === undefined || found.length < chunkRows) return;
    const [tenant, id, time] = [literal(String(last[0])), literal(String(last[1])), String(last[2])];
    const sameTime = `event_id > ${id} OR (event_id = ${id} AND tenant_id > ${tenant})`;
    where = [`event_time >= ${time} AND (event_time > ${time} OR ${sameTime})`];
  }
}
