import { readFile } from 'node:fs/promises';
import { Client } from 'cassandra-driver';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

import type { Log } from '../../brokers/log.ts';
import { toolTopics, topics } from '../../contracts/topics.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { engineAddresses, engineTools } from '../engines/engine-addresses.ts';
import { Deployment } from '../faults/deployment.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { freePort } from '../support/platform-process.ts';
import { type Connect, startConnect } from './connect.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { createTacticalLoad } from './tactical-load.ts';

const clock = createSystemClock();
const source = '/tools/tactical-rmm/tactical/';
const changeSchema = z.object({
  op: z.string(),
  after: z.object({ id: z.number() }).nullable(),
  source: z.object({ lsn: z.number(), table: z.string() }),
});
const storedSchema = z.object({ source: z.string(), sourceId: z.string() });

let resources: AsyncDisposableStack;
let deployment: Deployment;
let postgres: Postgres;
let connect: Connect;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const folders = await Promise.all([createTempFolder(), createTempFolder()]);
  const [data, folder] = folders.map((one) => resources.use(one).path) as [string, string];
  const context = { size: 'short', seed: 1, random: createRandom(1), stack: resources } as const;
  const tools = { engines: engineAddresses(), engineTools: engineTools(), clock };
  deployment = new Deployment({ ...context, ...tools });
  await deployment.connectTool({ tool: 'TACTICAL_RMM', server: 'tactical', tenantId: 'bakery', scopes: {} });
  [postgres, connect] = await Promise.all([
    startPostgres({ folder: data, port: await freePort(), clock }),
    startConnect({
      ...engineTools(),
      folder,
      port: await freePort(),
      brokers: engineAddresses().OPENFRAME_KAFKA_BROKERS,
      prefix: deployment.prefix,
      clock,
    }),
    deployment.start('telemetry'),
    deployment.start('sink'),
  ]);
  resources.use(postgres);
  resources.use(connect);
}, 240_000);

afterEach(() => resources.disposeAsync(), 60_000);

/** The settings that the documents tell people to use, with where this test's database is. */
async function connectorSettings(): Promise<Record<string, unknown>> {
  const text = await readFile(new URL('../../docs/integrations/debezium.md', import.meta.url), 'utf8');
  const json = /## Tactical RMM[^#]*?```json\n(.*?)```/s.exec(text)?.[1] ?? '';
  const documented = z.record(z.string(), z.string()).parse(JSON.parse(json));
  return {
    ...documented,
    'transforms.route.replacement': `${deployment.prefix}${documented['transforms.route.replacement'] ?? ''}`,
    'database.hostname': '127.0.0.1',
    'database.port': String(postgres.port),
    'database.user': 'postgres',
    'database.dbname': 'postgres',
  };
}

/** Path and id of every stored event, read by the driver; a row a line, so that a doubled one shows. */
async function stored(client: Client): Promise<string[]> {
  const table = `${deployment.prefix}openframe.events_by_tenant`;
  const { rows } = await client.execute(`SELECT tenant_id, event FROM ${table}`, [], { fetchSize: 20_000 });
  return rows.map((row) => {
    expect(row['tenant_id']).toBe('bakery');
    return nameOf(JSON.parse(String(row['event'])));
  });
}

function nameOf(value: unknown): string {
  const event = storedSchema.parse(value);
  return `${event.source.replace(source, '')} ${event.sourceId}`;
}

/** The value of every committed record of a topic, but tombstones. */
async function valuesOf(log: Log, topic: string): Promise<unknown[]> {
  const found: unknown[] = [];
  const cursor = new RecordCursor();
  for (let partition = 0; partition < deployment.partitions; partition++) {
    for await (const bytes of log.readAll(topic, partition)) {
      cursor.reset(bytes);
      while (cursor.next()) {
        const value = cursor.value();
        if (value !== null) found.push(JSON.parse(value.toString('utf8')));
      }
    }
  }
  return found;
}

/** Waits until as many events are stored as must be, and then says which. */
async function settled(client: Client, expected: ReadonlySet<string>): Promise<string[]> {
  const deadlineMs = clock.nowMs() + 40_000;
  for (;;) {
    const rows = await stored(client);
    if (rows.length >= expected.size || clock.nowMs() > deadlineMs) return rows.toSorted();
    await clock.sleep(250);
  }
}

/** Waits until Connect has kept how far it read of the change stream: from then on a restart needs no snapshot. */
async function untilStreaming(): Promise<void> {
  const deadlineMs = clock.nowMs() + 30_000;
  for (;;) {
    const said = JSON.stringify(await connect.ask('GET', '/connectors/tactical/offsets'));
    if (said.includes('"lsn') && !said.includes('snapshot')) return;
    if (clock.nowMs() > deadlineMs) throw new Error(`the connector does not stream: ${said}`);
    await clock.sleep(250);
  }
}

it('takes a change stream of PostgreSQL whole and once, by Debezium, through kill -9 of Connect', async () => {
  const load = createTacticalLoad();
  await postgres.sql(await readFile(new URL('tactical-tables.sql', import.meta.url), 'utf8'));
  await postgres.sql(load.changes(4));

  await connect.ask('PUT', '/connectors/tactical/config', await connectorSettings());
  const contactPoints = engineAddresses().OPENFRAME_CASSANDRA_CONTACT_POINTS.split(',');
  const client = new Client({ contactPoints, localDataCenter: 'datacenter1' });
  resources.defer(() => client.shutdown());
  expect(await settled(client, load.expected), 'the snapshot').toEqual([...load.expected].toSorted());

  await postgres.sql(load.changes(60));
  await postgres.sql(load.endings());
  await untilStreaming();
  for (let kills = 0; kills < 2; kills++) {
    await postgres.sql(load.changes(60));
    await connect.kill();
    await postgres.sql(load.changes(60));
    await postgres.sql(load.endings());
    await connect.start();
  }
  await postgres.sql(load.changes(20));
  expect(await settled(client, load.expected)).toEqual([...load.expected].toSorted());

  // Rows of one event fall into one: a doubled one would show before the store.
  await using log = await deployment.openLog();
  const enriched = await valuesOf(log, topics.enriched);
  expect(enriched.map((event) => nameOf(event)).toSorted()).toEqual([...load.expected].toSorted());
  const changes = (await valuesOf(log, toolTopics.tactical)).map((change) => changeSchema.parse(change));
  const distinct = new Set(
    changes.map(({ op, source: at, after }) => `${op} ${at.lsn} ${at.table} ${after?.id}`),
  );
  process.stdout.write(
    `change stream: ${enriched.length} events of ${changes.length} records, ${changes.length - distinct.size} of them sent again\n`,
  );
}, 240_000);
