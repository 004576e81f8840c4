import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { numberOf, sharedColumnsSql } from './event-columns.ts';
import { storeFault } from './duckdb-faults.ts';
import type { DuckDbFile } from './duckdb-file.ts';

/** The files in which format 1 of the data folder kept every event twice. */
export interface OlderFiles {
  readonly eventLog: string;
  readonly analytics: string;
}

/**
 * Takes over the rows of format 1's event log and removes its files. Nothing is in the new file before, so rows
 * there mean that an earlier start got as far as removing. Throws what stands in the way; nothing is lost then.
 */
export async function importOlder(file: DuckDbFile, older: OlderFiles): Promise<void> {
  if (existsSync(older.eventLog)) {
    try {
      await file.change(async (run) => {
        if (numberOf((await run('SELECT count(*) FROM events'))[0]?.[0]) > 0) return;
        await run(`ATTACH '${older.eventLog.replaceAll("'", "''")}' AS older`);
        await run(
          `INSERT INTO events (${sharedColumnsSql}, stored_time, data)
           SELECT ${sharedColumnsSql}, stored_time, data FROM older.events`,
        );
        await run('DETACH older');
      });
      await file.checkpoint();
    } catch (error) {
      throw storeFault(error, older.eventLog);
    }
  }
  for (const path of [older.eventLog, older.analytics]) {
    for (const name of [path, `${path}.wal`, `${path}.staging`])
      await rm(name, { recursive: true, force: true });
  }
}
