import { expect } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Analytics } from '../sinks/analytics.ts';
import type { SqlAnswer } from '../sinks/sql.ts';
import { createRandom } from '../streams/random.ts';
import { matching } from './analytics-plain.ts';
import { enrichedBatch, enrichedEvent, randomEvents, startMs } from './enriched-events.ts';
import { type EventSinkSubject, north, signal, south } from './event-sinks.ts';
import type { Laws } from './laws.ts';

/** What reads files, settings, catalogs, other tables or more than one statement, in either dialect. */
const refusedSql = [
  '',
  ';',
  'SELECT',
  'nothing',
  'SELECT 1; SELECT 2',
  'SELECT summary FROM events; DELETE FROM events',
  'DROP TABLE events',
  'DELETE FROM events',
  'UPDATE events SET summary = 1',
  "INSERT INTO events VALUES ('x')",
  "COPY events TO '/tmp/out.csv'",
  "ATTACH '/tmp/x.db'",
  'PRAGMA database_list',
  'SET memory_limit = 1',
  'SHOW TABLES',
  'DESCRIBE events',
  'EXPLAIN SELECT summary FROM events',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  'CALL pragma_version()',
  'SELECT * FROM store.events',
  'SELECT * FROM store.main.events',
  'SELECT * FROM "store"."main"."events"',
  'SELECT * FROM main.events',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM sqlite_master',
  'SELECT * FROM duckdb_tables()',
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM duckdb_secrets()',
  "SELECT * FROM pragma_table_info('events')",
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM read_parquet('x')",
  "SELECT * FROM read_json('x')",
  "SELECT * FROM glob('/*')",
  "SELECT * FROM '/etc/passwd'",
  'SELECT * FROM "/etc/passwd"',
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('events')",
  "SELECT * FROM json_execute_serialized_sql('{}')",
  'SELECT * FROM range(10)',
  'SELECT * FROM metric_samples',
  'SELECT * FROM format',
  'SELECT * FROM openframe_events',
  "SELECT current_setting('temp_directory') FROM events",
  "SELECT getenv('HOME') FROM events",
  "SELECT getvariable('x') FROM events",
  'SELECT version() FROM events',
  'SELECT current_database() FROM events',
  "SELECT nextval('s') FROM events",
  "SELECT lookUp('events', 'summary', 'a', 'b') FROM events",
  "SELECT summary FROM events WHERE inSubquery(event_id, 'SELECT 1') = 1",
  'SELECT $1 FROM events',
  'SELECT ? FROM events',
  'SELECT tenant_id FROM events',
  'SELECT rowid FROM events WHERE stored_time IS NULL',
  'WITH events AS (SELECT 1) SELECT * FROM events',
  'WITH EVENTS AS (SELECT 1) SELECT * FROM EVENTS',
  'WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT * FROM r',
  'SELECT * FROM events TABLESAMPLE 10 ROWS',
  'SELECT COUNT(*) FROM events) OR (1 = 1',
  "SELECT COUNT(*) FROM events WHERE 1 = 1) OR (severity = 'INFO'",
  'SELECT COUNT(*) FROM events LIMIT 10 OPTION(timeoutMs=1)',
  `SELECT ${'abs('.repeat(500)}1${')'.repeat(500)} FROM events`,
];

/** Where an engine takes it, it answers of the tenant's own rows. */
const reachingSql = [
  'SELECT * FROM events',
  'SELECT summary FROM events WHERE 1 = 1 OR 2 = 2',
  "SELECT summary FROM events WHERE summary LIKE '%' OR summary IS NULL",
  'SELECT summary FROM events -- WHERE',
  'SELECT summary FROM events /* WHERE */',
  'SELECT "summary" FROM "events"',
  'SELECT summary FROM events UNION ALL SELECT summary FROM events',
  'SELECT summary FROM (SELECT * FROM events) AS x',
  'SELECT (SELECT max(summary) FROM events) AS m FROM events',
  'SELECT a.summary FROM events AS a JOIN events AS b ON 1 = 1',
  'SELECT a.summary FROM events a, events b',
  'SELECT a.summary FROM events AS a LEFT JOIN events AS b ON a.event_id <> b.event_id',
  'WITH x AS (SELECT * FROM events) SELECT * FROM x',
  'WITH x AS (WITH y AS (SELECT * FROM events) SELECT * FROM y) SELECT * FROM x',
  'SELECT summary FROM events WHERE event_id IN (SELECT event_id FROM events)',
  'SELECT max(summary) AS m, min(summary) AS n, count(*) AS c FROM events',
  'SELECT string_agg(summary) FROM events',
  'SELECT events FROM events',
  'SELECT summary FROM events ORDER BY summary LIMIT 100000',
  'SELECT first_value(summary) OVER (ORDER BY summary DESC) FROM events',
  'FROM events',
  'TABLE events',
];

/** SQL that sees one tenant. */
export const sqlLaws: Laws<EventSinkSubject<Analytics>> = {
  'answers SQL as a plain computation does': async ({ store }) => {
    const events = randomEvents(createRandom(41), 300);
    await store.write([enrichedBatch(events)], signal);
    const ours = matching(events, north, {});
    const bySeverity = Map.groupBy(ours, (event) => event.severity);
    const counted = await run(
      store,
      'SELECT severity, count(*) AS n FROM events GROUP BY severity ORDER BY severity',
    );
    expect(counted.columns.map(({ name }) => name)).toEqual(['severity', 'n']);
    expect(counted.rows).toEqual([...bySeverity].map(([key, of]) => [key, of.length]).sort());
    const missing = await run(store, 'SELECT count(*) FROM events WHERE hostname IS NULL');
    expect(missing.rows).toEqual([[ours.filter((event) => event.hostname === undefined).length]]);
    const named = "SELECT event_id FROM events WHERE device_id = 'device-2' ORDER BY event_id LIMIT 3";
    const expected = ours.filter((event) => event.deviceId === 'device-2').map((event) => [event.eventId]);
    expect((await run(store, named)).rows).toEqual(expected.sort().slice(0, 3));
  },
  'cuts an answer at its limit, and says so': async ({ store }) => {
    await store.write([enrichedBatch([1, 2, 3].map((n) => enrichedEvent(n)))], signal);
    const sql = 'SELECT summary FROM events ORDER BY event_time';
    expect(await run(store, sql, { limit: 2 })).toMatchObject({
      rows: [['event 1'], ['event 2']],
      truncated: true,
    });
    expect(await run(store, sql, { limit: 3 })).toMatchObject({ truncated: false });
  },
  'gives texts in SQL as they came, and takes them so': async ({ store }) => {
    const texts = [
      "it's",
      '"quoted"',
      'back\\slash',
      '% _',
      '日本 ✓',
      '<b>',
      '=1+1',
      '-- no comment',
      'a; b',
    ];
    const events = texts.map((summary, n) => enrichedEvent(n, { summary }));
    await store.write([enrichedBatch(events)], signal);
    for (const text of texts) {
      const sql = `SELECT summary FROM events WHERE summary = '${text.replaceAll("'", "''")}'`;
      expect((await run(store, sql)).rows, text).toEqual([[text]]);
    }
  },
  'tells the plan of a question': async ({ store }) => {
    await store.write([enrichedBatch([enrichedEvent(1)])], signal);
    const plan = await run(store, 'SELECT count(*) FROM events', { explain: true });
    expect(plan.columns.map(({ name }) => name)).toEqual(['plan']);
    expect(plan.rows.length).toBeGreaterThan(1);
  },
  'refuses whatever is no SELECT over the tables that it lists': async ({ store }) => {
    await storeTwoTenants(store);
    for (const sql of refusedSql) {
      await expect(run(store, sql), sql).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    }
  },
  'lets no question reach another tenant, and no fault tell of one': async ({ store }) => {
    await storeTwoTenants(store);
    let answered = 0;
    for (const sql of reachingSql) {
      const answer = await run(store, sql, { limit: 10_000 }).catch((error: unknown) => {
        if (!(error instanceof OpenFrameError)) throw error;
        expect(error.code, sql).toBe('QUERY_INVALID');
        return null;
      });
      if (answer === null) continue;
      answered++;
      const text = JSON.stringify(answer.rows);
      expect(text, sql).not.toContain('secret');
      expect(answer.rows.length, sql).toBeLessThanOrEqual(9);
    }
    expect(answered).toBeGreaterThan(2);
    const strange = { tenantId: "x' OR '1'='1" };
    const all = { sql: 'SELECT count(*) FROM events', limit: 9, explain: false };
    expect((await store.sql.run(strange, all, signal)).rows).toEqual([[0]]);
    expect((await store.sql.run(south, all, signal)).rows).toEqual([[5000]]);
    expect(await faultOf(store, 'SELECT summary / 0 AS x, abs(hostname) AS y FROM events')).not.toContain(
      'secret',
    );
  },
  'ends with the signal': async ({ store }) => {
    const request = { sql: 'SELECT count(*) FROM events', limit: 9, explain: false };
    const stopped = AbortSignal.abort(new Error('the reader left'));
    await expect(store.sql.run(north, request, stopped)).rejects.toThrow('the reader left');
  },
};

/** Three numbers as texts in the north; in the south thousands of texts that are none. */
async function storeTwoTenants(store: Analytics): Promise<void> {
  const ours = [1, 2, 3].map((n) => enrichedEvent(n, { summary: `${n}` }));
  const theirs = Array.from({ length: 5000 }, (_, n) =>
    enrichedEvent(n, {
      tenantId: 'south',
      summary: `secret ${n}`,
      hostname: 'secret',
      eventTime: startMs + n,
    }),
  );
  await store.write([enrichedBatch([...theirs, ...ours])], signal);
}

function run(
  store: Analytics,
  sql: string,
  { limit = 100, explain = false }: { readonly limit?: number; readonly explain?: boolean } = {},
): Promise<SqlAnswer> {
  return store.sql.run(north, { sql, limit, explain }, signal);
}

async function faultOf(store: Analytics, sql: string): Promise<string> {
  return run(store, sql).then(
    () => '',
    (error: unknown) => String(error),
  );
}
