import { OpenFrameError } from '../../contracts/errors.ts';
import { severities, type StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventPageRequest, EventPosition, SortDirection } from '../analytics.ts';
import type { Row } from './answer.ts';
import { isEventId } from './enriched-record.ts';
import { momentLiteral } from './event-columns.ts';
import { eventConditions, needsLateFacts } from './event-filter.ts';
import { completeAll, type LateFacts, noLateFacts, readLateFacts } from './late-facts.ts';
import { fromStoredText, literal } from './stored-text.ts';
import { columnOf } from './tables.ts';
import type { TenantRows } from './tenant-rows.ts';

const texts = [
  ...([
    'tenantId',
    'source',
    'sourceId',
    'toolType',
    'sourceType',
    'eventType',
    'severity',
    'deviceId',
  ] as const),
  ...(['hostname', 'organizationId', 'organizationName', 'userId', 'summary'] as const),
] as const;
const select = ['event_id', 'event_time', 'ingest_time', ...texts.map(columnOf)].join(', ');

/** One page in the order (event time, event id): see `Analytics.events`. */
export async function eventPage(
  rows: TenantRows,
  scope: TenantScope,
  request: EventPageRequest,
): Promise<readonly StoredEvent[]> {
  if (request.after !== undefined && !isEventId(request.after.eventId)) throw cursorInvalid();
  const read = (): Promise<LateFacts> => readLateFacts(rows, scope, request.filter);
  if (needsLateFacts(request.filter)) return page(rows, scope, request, await read());
  const [events, facts] = await Promise.all([page(rows, scope, request, noLateFacts), read()]);
  return completeAll(events, facts);
}

async function page(
  rows: TenantRows,
  scope: TenantScope,
  { filter, sort, limit, after }: EventPageRequest,
  facts: LateFacts,
): Promise<readonly StoredEvent[]> {
  const where = eventConditions(filter, facts);
  if (after !== undefined) where.push(beyond(after, sort));
  const rest = `ORDER BY event_time ${sort}, event_id ${sort} LIMIT ${Math.max(1, Math.floor(limit))}`;
  return completeAll((await rows.of(scope, 'events', { select, where, rest })).map(storedEventOf), facts);
}

function beyond({ eventTimeMs, eventId }: EventPosition, sort: SortDirection): string {
  const than = sort === 'asc' ? '>' : '<';
  const moment = momentLiteral(eventTimeMs);
  const id = literal(eventId.toLowerCase());
  // The first condition alone lets Pinot leave segments out.
  return `event_time ${than}= ${moment} AND (event_time ${than} ${moment} OR event_id ${than} ${id})`;
}

function storedEventOf(row: Row): StoredEvent {
  const text = (name: (typeof texts)[number]): string | null => fromStoredText(row[3 + texts.indexOf(name)]);
  return {
    eventId: String(row[0]),
    tenantId: text('tenantId') ?? '',
    source: text('source') ?? '',
    sourceId: text('sourceId') ?? '',
    toolType: text('toolType') ?? '',
    sourceType: text('sourceType') ?? '',
    eventType: text('eventType') ?? '',
    severity: severities.find((severity) => severity === text('severity')) ?? 'INFO',
    deviceId: text('deviceId'),
    hostname: text('hostname'),
    organizationId: text('organizationId'),
    organizationName: text('organizationName'),
    userId: text('userId'),
    summary: text('summary') ?? '',
    eventTime: new Date(Number(row[1])).toISOString(),
    ingestTime: new Date(Number(row[2])).toISOString(),
    data: null,
  };
}

function cursorInvalid(): OpenFrameError {
  return new OpenFrameError('CURSOR_INVALID', 'The cursor names no event: start again without one.');
}
