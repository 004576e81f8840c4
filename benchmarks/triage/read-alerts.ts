import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';

import { parse } from 'csv-parse';

import type { Sighting } from '../../alerting/sighting.ts';
import { OpenFrameError } from '../../contracts/errors.ts';

/** What is known of an alert's cause, where the file says so: for the metrics alone. */
export interface Labels {
  /** Of the alert itself (`event_label`); null where it has none. */
  readonly event: string | null;
  /** Of its time (`time_label`). */
  readonly time: string | null;
}

export interface AlertRow {
  /** Counted from 0. */
  readonly row: number;
  readonly sighting: Sighting;
  readonly labels: Labels | null;
}

const needed = ['time', 'name', 'host'];
const noEventLabel = '-';
const noTimeLabel = 'false_positive';

/**
 * Reads a CSV file of alerts, `.csv` or `.csv.gz`, with at least the columns time (seconds since the epoch), name
 * and host, and gives its rows in the order of time, equal times as they stand: a file is often one tool's alerts
 * behind another's. Throws `ARGUMENT_INVALID` for a file without those columns or a row without a time.
 */
export async function readAlerts(path: string): Promise<readonly AlertRow[]> {
  const file = createReadStream(path);
  const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error: Error) => text.destroy(error));
  const rows: AlertRow[] = [];
  let columns: readonly string[] = [];
  const parser = text.pipe(parse({ relax_column_count: true }));
  text.on('error', (error: Error) => parser.destroy(error));
  for await (const record of parser as AsyncIterable<readonly string[]>) {
    if (columns.length === 0) columns = checkedColumns(record, path);
    else rows.push(rowOf(record, columns, rows.length, path));
  }
  return rows.sort((a, b) => a.sighting.timeMs - b.sighting.timeMs || a.row - b.row);
}

/** `network.csv` for `/data/network.csv.gz`. */
export function outputName(path: string): string {
  return basename(path).replace(/\.gz$/, '');
}

function checkedColumns(header: readonly string[], path: string): readonly string[] {
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length === 0) return header;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `'${path}' has no column ${missing.map((name) => `'${name}'`).join(' and ')}: alerts have time,name,ip,host,short.`,
  );
}

function rowOf(record: readonly string[], columns: readonly string[], row: number, path: string): AlertRow {
  const column = (name: string): string | undefined => record[columns.indexOf(name)];
  const seconds = Number(column('time') || Number.NaN);
  if (!Number.isFinite(seconds)) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `Row ${row} of '${path}' has the time '${column('time') ?? ''}': it must be seconds since the epoch.`,
    );
  }
  const sighting = { name: column('name') ?? '', host: column('host') ?? '', timeMs: seconds * 1000 };
  const event = column('event_label');
  const time = column('time_label');
  if (event === undefined && time === undefined) return { row, sighting, labels: null };
  return { row, sighting, labels: { event: labelOr(event, noEventLabel), time: labelOr(time, noTimeLabel) } };
}

function labelOr(label: string | undefined, none: string): string | null {
  return label === undefined || label === '' || label === none ? null : label;
}
