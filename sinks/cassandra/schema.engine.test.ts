import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent, eventIdOf } from '../../conformance/enriched-events.ts';
import { north, signal } from '../../conformance/event-sinks.ts';
import { createKeyspace, optionsFor } from './cassandra.fixture.ts';
import { createCassandraEventLog } from './event-log.ts';
import { openSchema } from './migrate.ts';
import { migrations } from './schema.ts';

const settings = { replicationFactor: 1, compactionWindowDays: 1, tenantBytesPerSecond: 1_000_000 };

it('migrates the tables of an older version with what they hold', async () => {
  await using made = await createKeyspace();
  const { keyspace, session } = made;
  const options = optionsFor(keyspace);
  await openSchema(session, { ...options, ...settings }, migrations.slice(0, 1));
  const eventTime = Date.UTC(2026, 2, 1, 0, 1, 41);
  const event = JSON.stringify(enrichedEvent(1, { eventTime }));
  await session.executeOnce(
    `INSERT INTO ${keyspace}.events_by_tenant (tenant_id, day, bucket, event_time, event_id, event)
     VALUES ('north', '2026-03-01', 1, ${eventTime}, ${eventIdOf(1)}, textAsBlob('${event}'))`,
  );
  await using log = await createCassandraEventLog(options);
  expect((await log.event(north, eventIdOf(1)))?.summary).toBe('event 1');
  const version = `SELECT version FROM ${keyspace}.schema_version WHERE name = 'event-log'`;
  expect((await session.execute(version, [])).first()?.['version']).toBe(migrations.at(-1)?.version);
  // The rate by which the tables were cut stays, whatever this starter asks for.
  await log.write([enrichedBatch([enrichedEvent(1, { eventTime })])], signal);
  const slots = await session.execute(
    `SELECT DISTINCT tenant_id, day, bucket FROM ${keyspace}.events_by_tenant`,
    [],
  );
  expect(slots.rowLength).toBe(1);
});

it('lets many start at once on an empty cluster', async () => {
  await using made = await createKeyspace();
  const logs = await Promise.all(
    Array.from({ length: 4 }, () => createCassandraEventLog(optionsFor(made.keyspace))),
  );
  await Promise.all(logs.map((log, n) => log.write([enrichedBatch([enrichedEvent(n)])], signal)));
  for (const [n, log] of logs.entries()) {
    expect(await log.event(north, eventIdOf((n + 1) % 4))).not.toBeNull();
    await log[Symbol.asyncDispose]();
  }
});

it('goes on where a starter died in the middle of a migration', async () => {
  await using made = await createKeyspace();
  const { keyspace, session } = made;
  await openSchema(session, { ...optionsFor(keyspace), ...settings }, migrations.slice(0, 1));
  await session.executeOnce(
    `UPDATE ${keyspace}.schema_version USING TTL 1 SET lease = 'dead' WHERE name = 'event-log' IF EXISTS`,
  );
  await using log = await createCassandraEventLog(optionsFor(keyspace));
  expect(await log.event(north, eventIdOf(1))).toBeNull();
});

it('refuses tables of a newer version', async () => {
  await using made = await createKeyspace();
  const { keyspace, session } = made;
  await (await createCassandraEventLog(optionsFor(keyspace)))[Symbol.asyncDispose]();
  await session.executeOnce(
    `UPDATE ${keyspace}.schema_version SET version = 99 WHERE name = 'event-log' IF EXISTS`,
  );
  await expect(createCassandraEventLog(optionsFor(keyspace))).rejects.toMatchObject({
    code: 'DATA_FOLDER_TOO_NEW',
    message: expect.stringMatching(/has schema 99, and this version knows \d+: run the version/) as string,
  });
});

it('refuses a table that is not its own, and a table without a column it needs, and changes neither', async () => {
  await using made = await createKeyspace();
  const { keyspace, session } = made;
  await session.executeOnce(
    `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`,
  );
  await session.executeOnce(`CREATE TABLE ${keyspace}.events_by_tenant (id int PRIMARY KEY)`);
  await expect(createCassandraEventLog(optionsFor(keyspace))).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('events_by_tenant that no version of the event log made') as string,
  });
  const tables = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
  expect((await session.execute(tables, [keyspace])).rowLength).toBe(1);
  await session.executeOnce(`DROP TABLE ${keyspace}.events_by_tenant`);
  await (await createCassandraEventLog(optionsFor(keyspace)))[Symbol.asyncDispose]();
  await session.executeOnce(`ALTER TABLE ${keyspace}.events_by_tenant DROP organization`);
  await expect(createCassandraEventLog(optionsFor(keyspace))).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('without the column organization') as string,
  });
});

it('says which contact point does not answer, and which data centre there is', async () => {
  const options = optionsFor('unused');
  await expect(createCassandraEventLog({ ...options, contactPoints: ['127.0.0.1:1'] })).rejects.toMatchObject(
    {
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      message: expect.stringMatching(
        /No Cassandra answers at 127\.0\.0\.1:1\. .*ECONNREFUSED.*correct the contact points/,
      ) as string,
    },
  );
  await expect(createCassandraEventLog({ ...options, datacenter: 'elsewhere' })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    retryable: false,
    message: expect.stringContaining('datacenter1') as string,
  });
});
