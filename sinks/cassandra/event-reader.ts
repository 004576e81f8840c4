import type { types } from 'cassandra-driver';

import { type EnrichedEvent, toStoredEvent } from '../../contracts/enriched.ts';
import { severities, type StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { StoredEventId } from '../event-log.ts';
import type { OrganizationFact } from './backfill.ts';
import { isUuid } from './cql-values.ts';
import { writtenMs } from './placement.ts';
import type { EventStatements } from './schema.ts';
import type { CassandraSession } from './session.ts';

/** Rows that a page of ids takes: small ones, so that memory stays low. */
const idPageRows = 5000;

/** See `EventLog.event`. The index answers for the id, whatever tenant it is of; the row says whose it is. */
export async function readEvent(
  session: CassandraSession,
  statements: EventStatements,
  scope: TenantScope,
  eventId: string,
): Promise<StoredEvent | null> {
  const row = await rowOf(session, statements.eventById, scope, eventId);
  const value: unknown = row?.['event'];
  const completed: unknown = row?.['completed'];
  if (row === null || !Buffer.isBuffer(value)) return null;
  return storedEventOf(Buffer.isBuffer(completed) ? completed : value, row);
}

/** See `EventLog.storedAtMs`. */
export async function readStoredAtMs(
  session: CassandraSession,
  statements: EventStatements,
  scope: TenantScope,
  eventId: string,
): Promise<number | null> {
  const row = await rowOf(session, statements.writtenById, scope, eventId);
  const written: unknown = row?.['written'];
  return typeof written === 'bigint' ? writtenMs(written) : null;
}

/** See `EventLog.eventIds`: the whole table, page by page. A row without its event is none: see `completeDevices`. */
export async function* readEventIds(
  session: CassandraSession,
  statements: EventStatements,
): AsyncGenerator<readonly StoredEventId[]> {
  for await (const rows of session.pages(statements.everyId, [], idPageRows)) {
    yield rows
      .filter((row) => row['written'] !== null)
      .map((row) => ({ tenantId: String(row['tenant_id']), eventId: String(row['event_id']) }));
  }
}

async function rowOf(
  session: CassandraSession,
  query: string,
  scope: TenantScope,
  eventId: string,
): Promise<types.Row | null> {
  if (!isUuid(eventId)) return null;
  for await (const rows of session.pages(query, [eventId], 10)) {
    const found = rows.find((row) => row['tenant_id'] === scope.tenantId);
    if (found !== undefined) return found;
  }
  return null;
}

/** The event's own members, and where it lacks a name what its device said later. */
function storedEventOf(value: Buffer, row: types.Row): StoredEvent {
  const event = JSON.parse(value.toString('utf8')) as EnrichedEvent;
  const stored = toStoredEvent(event);
  const hostname: unknown = row['hostname'];
  const fact = factOf(row['organization']);
  const organizationId = stored.organizationId ?? fact?.id ?? null;
  return {
    ...stored,
    severity: severities.find((severity) => severity === stored.severity) ?? 'INFO',
    hostname: stored.hostname ?? (typeof hostname === 'string' ? hostname : null),
    organizationId,
    organizationName: stored.organizationName ?? (fact?.id === organizationId ? fact.name : null),
  };
}

function factOf(column: unknown): OrganizationFact | null {
  return typeof column === 'string' ? (JSON.parse(column) as OrganizationFact) : null;
}
