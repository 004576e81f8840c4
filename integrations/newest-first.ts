import { z } from 'zod';

import { toolUnavailable } from './tool-faults.ts';
import type { ToolPage, ToolReading } from './tool-reader.ts';

/**
 * How far a table was read whose rows are numbered and never change: all numbers up to `afterId`, but those that are
 * still missing among the last `lookBack`. A database gives a number when a row is begun and shows it when it is
 * committed, so a row may appear after one with a higher number: the last ones are looked at again.
 */
export const rowCursorSchema = z.strictObject({
  afterId: z.number().int().min(0),
  /** Those of the last numbers that were seen, ascending. */
  recentIds: z.array(z.number().int()),
});
export type RowCursor = z.infer<typeof rowCursorSchema>;

/** One row of a page. */
export interface NumberedRow {
  readonly id: number;
  readonly timeMs: number;
  readonly reading: ToolReading;
}

export interface NewestFirstOptions {
  readonly cursor: RowCursor | null;
  /** Where there is no cursor: rows before are left alone. */
  readonly sinceMs: number;
  /** Page 0 has the newest rows, highest number first. `more`: there is a next page. */
  readonly page: (
    number: number,
  ) => Promise<{ readonly rows: readonly NumberedRow[]; readonly more: boolean }>;
}

const lookBack = 100;
/** Rows held in memory before some are handed on. */
const heldRows = 10_000;

/**
 * The rows after the cursor, from pages that begin with the newest: the only order in which a page keeps its rows
 * while more are written. They come oldest first; where there are more than memory should hold, in spans of 10,000
 * of which the newest comes first, and the cursor moves with the last of them. A row that slid to the next page
 * while pages were read is given once. A page must hold at least 100 rows where it has a next one.
 */
export async function* readNewestFirst(options: NewestFirstOptions): AsyncIterable<ToolPage> {
  const { cursor, sinceMs, page } = options;
  const lowest = cursor === null ? 0 : Math.max(0, cursor.afterId - lookBack);
  const fromMs = cursor === null ? sinceMs : Number.NEGATIVE_INFINITY;
  const seen = new Set(cursor?.recentIds);
  let held: NumberedRow[] = [];
  let lastOldest = Number.POSITIVE_INFINITY;
  for (let number = 0; ; number++) {
    const { rows, more } = await page(number);
    for (const row of rows) {
      if (row.id <= lowest || seen.has(row.id)) continue;
      seen.add(row.id);
      if (!(row.timeMs < fromMs)) held.push(row);
    }
    const oldest = rows.at(-1);
    if (!more || oldest === undefined || oldest.id <= lowest || oldest.timeMs < fromMs) break;
    if (oldest.id >= lastOldest) throw toolUnavailable('The tool gives the same page again and again.');
    lastOldest = oldest.id;
    if (held.length < heldRows) continue;
    yield { readings: readingsOf(held) };
    held = [];
  }
  const next = nextCursor(seen, cursor?.afterId ?? 0);
  if (held.length > 0 || (cursor === null && next.afterId > 0)) {
    yield { readings: readingsOf(held), cursor: next };
  }
}

function readingsOf(rows: NumberedRow[]): readonly ToolReading[] {
  return rows.sort((a, b) => a.id - b.id).map(({ reading }) => reading);
}

function nextCursor(seen: ReadonlySet<number>, before: number): RowCursor {
  let afterId = before;
  for (const id of seen) if (id > afterId) afterId = id;
  const recentIds = [...seen].filter((id) => id > afterId - lookBack).sort((a, b) => a - b);
  return { afterId, recentIds };
}
