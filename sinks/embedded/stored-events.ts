import type { TenantScope } from '../../contracts/tenant.ts';
import type { StoredEventId } from '../event-log.ts';
import { storeFault } from './duckdb-faults.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { earliestMs, momentParameter, momentSql, numberOf, textOf } from './event-columns.ts';
import { findRow } from './find-row.ts';
import type { Stretches } from './stretches.ts';
import { transact } from './transact.ts';

/** Every event id of a file, in chunks as the engine gives them. */
export async function* storedEventIds(file: DuckDbFile): AsyncGenerator<readonly StoredEventId[]> {
  for await (const rows of file.stream('SELECT tenant_id, event_id::VARCHAR FROM events', [])) {
    yield rows.map((row) => ({ tenantId: textOf(row[0]) ?? '', eventId: textOf(row[1]) ?? '' }));
  }
}

/** Removes what is older and gives its space back to the file. */
export async function deleteEventsBefore(
  { file, stretches }: { readonly file: DuckDbFile; readonly stretches: Stretches },
  eventTimeMs: number,
  except: readonly string[] = [],
): Promise<void> {
  const kept = except.length === 0 ? '' : ` AND event_type NOT IN (${except.map(() => '?').join(', ')})`;
  try {
    await file.change((run) =>
      transact(run, async () => {
        await stretches.noteChange(run, [{ fromMs: earliestMs, toMs: Math.ceil(eventTimeMs) - 1 }]);
        await run(`DELETE FROM events WHERE event_time < ${momentSql}${kept}`, [
          momentParameter(Math.ceil(eventTimeMs)),
          ...except,
        ]);
        return true;
      }),
    );
  } catch (error) {
    throw storeFault(error, file.path);
  }
}

/** When an event's row was written, in milliseconds since the epoch; null where this tenant has none. */
export async function storedAtMs(
  file: DuckDbFile,
  scope: TenantScope,
  eventId: string,
): Promise<number | null> {
  const row = await findRow(file, scope, { eventId, select: 'epoch_ms(stored_time)' });
  return row === undefined ? null : numberOf(row[0]);
}
