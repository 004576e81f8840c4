import type { DuckDBValue } from '@duckdb/node-api';

import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { severities, type Severity, type StoredEvent } from '../../contracts/event.ts';
import type { Row } from './rows-of.ts';

interface EventColumn {
  readonly member: Exclude<keyof EnrichedEvent, 'data'>;
  readonly column: string;
  readonly type: 'UUID' | 'VARCHAR' | 'TIMESTAMP_MS';
  readonly required: boolean;
}

/** The columns that the event log and analytics share: the members of the enriched JSON but `data`. */
export const eventColumns: readonly EventColumn[] = [
  { member: 'eventId', column: 'event_id', type: 'UUID', required: true },
  { member: 'tenantId', column: 'tenant_id', type: 'VARCHAR', required: true },
  { member: 'source', column: 'source', type: 'VARCHAR', required: true },
  { member: 'sourceId', column: 'source_id', type: 'VARCHAR', required: true },
  { member: 'toolType', column: 'tool_type', type: 'VARCHAR', required: true },
  { member: 'sourceType', column: 'source_type', type: 'VARCHAR', required: true },
  { member: 'eventType', column: 'event_type', type: 'VARCHAR', required: true },
  { member: 'severity', column: 'severity', type: 'VARCHAR', required: true },
  { member: 'deviceId', column: 'device_id', type: 'VARCHAR', required: false },
  { member: 'hostname', column: 'hostname', type: 'VARCHAR', required: false },
  { member: 'organizationId', column: 'organization_id', type: 'VARCHAR', required: false },
  { member: 'organizationName', column: 'organization_name', type: 'VARCHAR', required: false },
  { member: 'userId', column: 'user_id', type: 'VARCHAR', required: false },
  { member: 'summary', column: 'summary', type: 'VARCHAR', required: true },
  { member: 'eventTime', column: 'event_time', type: 'TIMESTAMP_MS', required: true },
  { member: 'ingestTime', column: 'ingest_time', type: 'TIMESTAMP_MS', required: true },
];

/** The names of these columns, as SQL lists them. */
export const sharedColumnsSql = eventColumns.map((c) => c.column).join(', ');

/** The moments that can be stored and answered: the years 1 to 9999, as RFC 3339 can write them. */
export const earliestMs = -62_135_596_800_000;
export const latestMs = 253_402_300_799_999;

/** A bound moment as the columns hold it: compared with a column, it prunes by the blocks' ranges. */
export const momentSql = 'make_timestamp_ms(?::BIGINT)::TIMESTAMP_MS';

/** A moment as a parameter of `momentSql`, brought into what can be stored. */
export function momentParameter(timeMs: number): bigint {
  return BigInt(Math.round(Math.min(Math.max(timeMs, earliestMs), latestMs)));
}

/** A text column as it is read: the engine's binding drops one leading U+FEFF, so each gets one to drop. */
export function textSql(column: string): string {
  return `'\ufeff' || ${column}`;
}

/** The select list whose rows `storedEventOf` reads. */
export const storedEventSql = eventColumns
  .map(({ column, type }) => {
    if (type === 'VARCHAR') return textSql(column);
    return type === 'UUID' ? `${column}::VARCHAR` : `epoch_ms(${column})`;
  })
  .join(', ');

/** A row of `storedEventSql`, as it is answered. */
export function storedEventOf(row: Row, data: unknown): StoredEvent {
  const text = (index: number): string => textOf(row[index]) ?? '';
  const optional = (index: number): string | null => textOf(row[index]);
  return {
    eventId: text(0),
    tenantId: text(1),
    source: text(2),
    sourceId: text(3),
    toolType: text(4),
    sourceType: text(5),
    eventType: text(6),
    severity: severityOf(row[7]),
    deviceId: optional(8),
    hostname: optional(9),
    organizationId: optional(10),
    organizationName: optional(11),
    userId: optional(12),
    summary: text(13),
    eventTime: new Date(numberOf(row[14])).toISOString(),
    ingestTime: new Date(numberOf(row[15])).toISOString(),
    data,
  };
}

const eventIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for text that the column `event_id` can hold. */
export function isEventId(text: string): boolean {
  return eventIdPattern.test(text);
}

export function textOf(value: DuckDBValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A count, a time or a sum, which the engine may give as a bigint. */
export function numberOf(value: DuckDBValue | undefined): number {
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : 0;
}

function severityOf(value: DuckDBValue | undefined): Severity {
  return severities.find((severity) => severity === value) ?? 'INFO';
}
