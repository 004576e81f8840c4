import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent } from '../../conformance/enriched-events.ts';
import { north, signal } from '../../conformance/event-sinks.ts';
import { sqlTimeoutMs } from '../sql.ts';
import { DuckDbFile } from './duckdb-file.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createEventStore } from './event-store.fixture.ts';

const ask = (sql: string) => ({ sql, limit: 100, explain: false });

describe('SQL on the embedded engine', () => {
  it('computes on the tenant’s rows alone: a text of another tenant breaks no cast', async () => {
    await using subject = await createEventStore(createEmbeddedEventStore);
    const theirs = Array.from({ length: 30_000 }, (_, n) =>
      enrichedEvent(n, {
        tenantId: n % 2 === 0 ? 'south' : 'north',
        summary: n % 2 === 0 ? 'secret' : `${n % 7}`,
      }),
    );
    await subject.store.write([enrichedBatch(theirs)], signal);
    const sum = 'SELECT sum(CAST(summary AS INTEGER)) AS s FROM events WHERE CAST(summary AS INTEGER) > 3';
    const { rows } = await subject.store.sql.run(north, ask(sum), signal);
    expect(rows[0]?.[0]).toBeGreaterThan(0);
  });

  it('joins, nests and reads samples and data', async () => {
    await using subject = await createEventStore(createEmbeddedEventStore);
    const data = { samples: [{ name: 'cpu', value: 2, unit: '1', labels: { core: '0' } }] };
    const metrics = enrichedEvent(1, { deviceId: 'd', sourceType: 'openframe.metrics', data });
    const log = enrichedEvent(2, { deviceId: 'd', data: { message: 'said', code: 7 } });
    await subject.store.write([enrichedBatch([metrics, log])], signal);
    const sql = `WITH quiet AS (SELECT device_id, max(value) AS top FROM samples GROUP BY device_id)
      SELECT e.message, json_extract_string(e.data, '$.code')::INTEGER AS code, q.top, e.event_time
      FROM events e JOIN quiet q USING (device_id) WHERE e.message IS NOT NULL ORDER BY 1 -- the end`;
    const { rows, columns } = await subject.store.sql.run(north, ask(sql), signal);
    expect(rows).toEqual([['said', 7, 2, '2026-03-01T12:00:00.002Z']]);
    expect(columns.map(({ type }) => type)).toEqual(['VARCHAR', 'INTEGER', 'DOUBLE', 'TIMESTAMP_MS']);
  });

  it('is interrupted when its time is over, and when its reader leaves', async () => {
    await using subject = await createEventStore(createEmbeddedEventStore);
    const { store, clock } = subject;
    await store.write([enrichedBatch(Array.from({ length: 3000 }, (_, n) => enrichedEvent(n)))], signal);
    const endless = ask(
      'SELECT count(*) FROM events a, events b, events c, events d WHERE a.summary < d.summary',
    );
    let ended = false;
    const late = store.sql.run(north, endless, signal).finally(() => (ended = true));
    const refusal = expect(late).rejects.toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      details: { limit: 'time' },
    });
    // The time of a question begins when it does.
    while (!ended) await clock.advance(sqlTimeoutMs);
    await refusal;
    const leaving = new AbortController();
    let left = false;
    const cancelled = store.sql.run(north, endless, leaving.signal).finally(() => (left = true));
    const cancellation = expect(cancelled).rejects.toThrow('gone');
    leaving.abort(new Error('gone'));
    while (!left) await clock.advance(100);
    await cancellation;
    expect((await store.sql.run(north, ask('SELECT count(*) FROM events'), signal)).rows).toEqual([[3000]]);
  });

  it('lets no statement reach a file or a setting, whoever writes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openframe-shut-'));
    await using file = await DuckDbFile.open({
      path: join(folder, 'x.duckdb'),
      memoryLimitMb: 64,
      schema: [],
      schemaVersion: 1,
      readableFolder: join(folder, 'x.staging'),
    });
    for (const sql of [
      "SELECT * FROM read_text('/etc/passwd')",
      `COPY (SELECT 1) TO '${folder}/out.csv'`,
      "SET memory_limit = '4GB'",
      "ATTACH '/tmp/other.duckdb' AS other",
    ]) {
      await expect(file.query(sql, []), sql).rejects.toThrow(/disabled by configuration|been locked/);
    }
    await rm(folder, { recursive: true });
  });

  it('survives a question of nothing but brackets', async () => {
    await using subject = await createEventStore(createEmbeddedEventStore);
    for (const sql of [`SELECT ${'('.repeat(5000)}`, `SELECT ${'('.repeat(4900)}1${')'.repeat(4900)}`]) {
      await subject.store.sql.run(north, ask(sql), signal).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'QUERY_INVALID' });
      });
    }
  });
});
