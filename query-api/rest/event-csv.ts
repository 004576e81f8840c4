import { stringify } from 'csv-stringify/sync';

import type { StoredEvent } from '../../contracts/event.ts';

/** The columns of an exported event, in order: all but `data`, which only the event log keeps. */
export const csvColumns = [
  'eventId',
  'tenantId',
  'eventTime',
  'ingestTime',
  'severity',
  'eventType',
  'toolType',
  'sourceType',
  'source',
  'sourceId',
  'deviceId',
  'hostname',
  'organizationId',
  'organizationName',
  'userId',
  'summary',
] as const satisfies (keyof StoredEvent)[];

/** The header line. */
export function csvHeader(): string {
  return csvOfRows([csvColumns]);
}

/**
 * Events as lines of CSV (RFC 4180: CRLF, quotes doubled). A cell that a spreadsheet would take for a formula
 * starts with an apostrophe (OWASP, CSV injection); an unknown value is an empty cell.
 */
export function csvOfEvents(events: readonly StoredEvent[]): string {
  return csvOfRows(events.map((event) => csvColumns.map((column) => event[column] ?? '')));
}

/** Rows as lines of CSV, with the same care; every cell is a text. */
export function csvOfRows(rows: readonly (readonly string[])[]): string {
  const mutableRows = rows.map((row) => [...row]);
  return stringify(mutableRows, {
    escape_formulas: true,
    record_delimiter: 'windows',
    quote_record_delimiter: true,
  });
}
