import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent, eventIdOf } from '../../conformance/enriched-events.ts';
import { north, signal, storedIds } from '../../conformance/event-sinks.ts';
import { createManualClock } from '../../streams/clock.ts';
import { eventColumns } from './event-columns.ts';
import { createEmbeddedEventStore } from './event-store.ts';

/** An event log as format 1 kept it. */
async function writeOlder(path: string, numbers: readonly number[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const columns = eventColumns.map((c) => `${c.column} ${c.type}`).join(', ');
  await connection.run(`CREATE TABLE events (${columns}, stored_time TIMESTAMP_MS NOT NULL, data VARCHAR)`);
  for (const number of numbers) {
    await connection.run(
      `INSERT INTO events BY NAME SELECT ?::UUID AS event_id, 'north' AS tenant_id, '/agents/a' AS source,
       'x' AS source_id, 'OPENFRAME' AS tool_type, 'openframe.log' AS source_type, 'SYSTEM_STATUS' AS event_type,
       'INFO' AS severity, 'older' AS summary, make_timestamp_ms(1000) AS event_time,
       make_timestamp_ms(1000) AS ingest_time, make_timestamp_ms(1000) AS stored_time, '{"a":1}' AS data`,
      [eventIdOf(number)],
    );
  }
  connection.closeSync();
  instance.closeSync();
}

it('takes over the events of an older data folder once, and removes its files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openframe-older-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true }));
  const older = { eventLog: join(folder, 'event-log.duckdb'), analytics: join(folder, 'analytics.duckdb') };
  await writeOlder(older.eventLog, [1, 2]);
  await writeOlder(older.analytics, [1, 2]);
  const options = { path: join(folder, 'events.duckdb'), clock: createManualClock(), older };
  const store = await createEmbeddedEventStore(options);
  await store.write([enrichedBatch([enrichedEvent(3)])], signal);
  expect(await storedIds(store)).toHaveLength(3);
  expect(await store.event(north, eventIdOf(1))).toMatchObject({ summary: 'older', data: { a: 1 } });
  await store[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual(['events.duckdb']);
  await writeOlder(older.eventLog, [1, 2]);
  await using again = await createEmbeddedEventStore(options);
  expect(await storedIds(again)).toHaveLength(3);
  expect(await readdir(folder)).not.toContain('event-log.duckdb');
});
