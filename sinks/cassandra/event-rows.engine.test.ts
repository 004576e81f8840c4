import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent, eventIdOf, startMs } from '../../conformance/enriched-events.ts';
import { north, signal, storedIds } from '../../conformance/event-sinks.ts';
import { createKeyspace, optionsFor } from './cassandra.fixture.ts';
import { type CassandraEventLogOptions, createCassandraEventLog } from './event-log.ts';

const hourMs = 3_600_000;
const known = { hostname: 'host-1', organizationId: 'org-1', organizationName: 'Org 1' };
const device = { deviceId: 'device-1' };

async function openLog(retentionMs?: number, kept?: CassandraEventLogOptions['kept']) {
  const opened = new AsyncDisposableStack();
  const { keyspace, session } = opened.use(await createKeyspace());
  const given = {
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(kept === undefined ? {} : { kept }),
  };
  const options = { ...optionsFor(keyspace), ...given };
  const log = opened.use(await createCassandraEventLog({ ...options, tenantBytesPerSecond: 10_000_000 }));
  return { log, session, keyspace, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

it('cuts a busy tenant into partitions of ten seconds, and its device rows into forty', async () => {
  await using subject = await openLog();
  const { log, session, keyspace } = subject;
  const events = Array.from({ length: 2400 }, (_, n) =>
    enrichedEvent(n, { ...device, eventTime: startMs + n * 100 }),
  );
  await log.write([enrichedBatch(events)], signal);
  const spans = async (table: string) => {
    const query = `SELECT min(event_time) AS first, max(event_time) AS last, count(*) AS rows FROM ${keyspace}.${table} GROUP BY tenant_id, day, bucket`;
    const { rows } = await session.execute(query, []);
    const timeOf = (value: unknown): number => (value instanceof Date ? value.getTime() : Number.NaN);
    return rows.map((row) => ({
      spanMs: timeOf(row['last']) - timeOf(row['first']),
      rows: Number(row['rows']),
    }));
  };
  expect(await spans('events_by_tenant')).toEqual(
    Array.from({ length: 24 }, () => ({ spanMs: 9900, rows: 100 })),
  );
  expect(await spans('events_by_device')).toEqual(
    Array.from({ length: 6 }, () => ({ spanMs: 39_900, rows: 400 })),
  );
});

it('stores the largest record whole, and names a larger one and a key that is too long', async () => {
  await using subject = await openLog();
  const { log } = subject;
  const data = `\u0000\ud800${'x'.repeat(3_900_000)}`;
  const values = [
    enrichedEvent(1, { data }),
    enrichedEvent(2, { data: 'x'.repeat(5_000_000) }),
    enrichedEvent(3, { deviceId: 'd'.repeat(70_000) }),
    enrichedEvent(4),
  ];
  const rejected = await log.write([enrichedBatch(values)], signal);
  expect(rejected.map((r) => [r.offset, r.reason])).toEqual([
    [101, 'larger than 4194304 bytes'],
    [102, 'the member deviceId is longer than 16384 bytes'],
  ]);
  expect((await log.event(north, eventIdOf(1)))?.data).toBe(data);
  expect(await storedIds(log)).toEqual([`north/${eventIdOf(1)}`, `north/${eventIdOf(4)}`]);
});

it('completes all rows of a device, in many hours and pages, whatever is repeated after', async () => {
  await using subject = await openLog();
  const { log } = subject;
  const events = Array.from({ length: 1300 }, (_, n) =>
    enrichedEvent(n, { ...device, eventTime: startMs - (n % 3) * 20 * hourMs - Math.floor(n / 100) }),
  );
  await log.write([enrichedBatch(events)], signal);
  const news = enrichedBatch([enrichedEvent(5000, { ...device, ...known })], { backfill: true });
  await log.write([news], signal);
  // A worker that was paused repeats events that were read before the device was known.
  await log.write([enrichedBatch(events)], signal);
  await log.write([news], signal);
  for (const n of [0, 1, 2, 499, 500, 501, 998, 1299]) {
    expect(await log.event(north, eventIdOf(n))).toMatchObject(known);
  }
});

it('completes a fleet that registers at once, each device by its own facts', async () => {
  await using subject = await openLog();
  const { log } = subject;
  const numbers = Array.from({ length: 120 }, (_, n) => n);
  const events = numbers.map((n) => enrichedEvent(n, { deviceId: `device-${n}` }));
  await log.write([enrichedBatch(events)], signal);
  const news = numbers.map((n) =>
    enrichedEvent(1000 + n, { deviceId: `device-${n}`, hostname: `host-${n}` }),
  );
  await log.write([enrichedBatch(news, { backfill: true })], signal);
  for (const n of numbers) expect((await log.event(north, eventIdOf(n)))?.hostname).toBe(`host-${n}`);
});

it('keeps the first completion of a row, and its own names', async () => {
  await using subject = await openLog();
  const { log } = subject;
  await log.write(
    [enrichedBatch([enrichedEvent(1, device), enrichedEvent(2, { ...device, organizationId: 'own' })])],
    signal,
  );
  for (const [n, hostname] of ['host-1', 'host-2'].entries()) {
    const news = enrichedEvent(10 + n, { ...device, ...known, hostname });
    await log.write([enrichedBatch([news], { backfill: true })], signal);
  }
  expect(await log.event(north, eventIdOf(1))).toMatchObject(known);
  expect(await log.event(north, eventIdOf(2))).toMatchObject({
    hostname: 'host-1',
    organizationId: 'own',
    organizationName: null,
  });
});

it('lets a row of a type that is kept longer live so long, in its partition and in that of its device', async () => {
  const kept = { eventTypes: ['LOGIN'], retentionMs: 365 * 24 * hourMs };
  await using subject = await openLog(48 * hourMs, kept);
  const { log, session, keyspace } = subject;
  const eventTime = Date.now();
  const login = enrichedEvent(2, { ...device, eventTime, eventType: 'LOGIN' });
  await log.write([enrichedBatch([enrichedEvent(1, { ...device, eventTime }), login])], signal);
  const days = async (query: string): Promise<number[]> => {
    const { rows } = await session.execute(query, []);
    return rows.map((row) => Math.round(Number(row['left']) / 86_400)).sort((a, b) => a - b);
  };
  expect(await days(`SELECT ttl(event) AS left FROM ${keyspace}.events_by_tenant`)).toEqual([2, 365]);
  expect(await days(`SELECT ttl(incomplete) AS left FROM ${keyspace}.events_by_device`)).toEqual([2, 365]);
});

it('lets a row live until the retention has passed since its own time', async () => {
  await using subject = await openLog(48 * hourMs);
  const { log, session, keyspace } = subject;
  const nowMs = Date.now();
  const ages = [0, 40, 100];
  const events = ages.map((hours, n) => enrichedEvent(n, { ...device, eventTime: nowMs - hours * hourMs }));
  await log.write([enrichedBatch(events)], signal);
  const query = `SELECT ttl(event) AS left FROM ${keyspace}.events_by_tenant WHERE event_id = ?`;
  const leftHours: number[] = [];
  for (const n of ages.keys()) {
    const row = (await session.execute(query, [eventIdOf(n)])).first();
    leftHours.push(Math.round(Number(row?.['left']) / 3600));
  }
  expect(leftHours).toEqual([48, 24, 24]);
});
