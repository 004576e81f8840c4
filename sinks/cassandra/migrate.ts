import type { types } from 'cassandra-driver';

import { isRetryable, OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Random } from '../../streams/random.ts';
import { bigintValue } from './cql-values.ts';
import { checkKeyspace, type Migration, migrations, neededColumns, tableNames } from './schema.ts';
import type { CassandraSession } from './session.ts';
import { isMissingTable } from './store-fault.ts';

export interface SchemaOptions {
  readonly keyspace: string;
  readonly datacenter: string;
  /** Copies of each row in the data centre, for a keyspace that is created. */
  readonly replicationFactor: number;
  /** Replication of a keyspace that is created, where one data centre is not enough. */
  readonly replication?: Readonly<Record<string, string | number>>;
  readonly compactionWindowDays: number;
  /** How wide the slots are, in bytes a second of the busiest tenant: fixed when the tables are made. */
  readonly tenantBytesPerSecond: number;
  readonly clock: Clock;
  readonly random: Random;
}

interface VersionRow {
  readonly version: number;
  readonly tenantBytesPerSecond: number;
}

const schemaName = 'event-log';
/** A starter that died keeps others waiting no longer. Two at work at once would do no harm: see `Migration`. */
const leaseSeconds = 60;
const pollMs = 200;
const missingTableTries = 50;
const usableTries = 50;

/**
 * Brings the keyspace to this version's schema, whoever else starts at the same time, and gives the rate by
 * which its tables are cut. Throws `DATA_FOLDER_TOO_NEW` where a newer version wrote it, `CONFIGURATION_INVALID`
 * where its tables are not those of any version, or a right is missing.
 */
export async function openSchema(
  session: CassandraSession,
  options: SchemaOptions,
  steps: readonly Migration[] = migrations,
): Promise<number> {
  const keyspace = checkKeyspace(options.keyspace);
  const latest = steps.at(-1)?.version ?? 0;
  await checkRelease(session);
  await createVersionTable(session, options);
  const me = `${options.random.uint32().toString(16)}-${options.random.uint32().toString(16)}`;
  for (;;) {
    const found = await readVersion(session, keyspace);
    if (found.version > latest) throw tooNew(keyspace, found.version, latest);
    if (found.version === latest) {
      if (steps === migrations) await checkColumns(session, keyspace);
      return found.tenantBytesPerSecond;
    }
    if (await takeLease(session, keyspace, me)) {
      await runSteps(session, options, steps, me);
    } else await options.clock.sleep(pollMs);
  }
}

/** Storage-attached indexes came with Cassandra 5. */
const oldestRelease = 5;

async function checkRelease(session: CassandraSession): Promise<void> {
  const row = (await session.execute('SELECT release_version FROM system.local', [])).first();
  const release = String(row?.['release_version']);
  if (Number.parseInt(release, 10) >= oldestRelease) return;
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    `The cluster runs Cassandra ${release}, and the event log needs ${oldestRelease} or newer: upgrade it, or name another cluster.`,
    { details: { release } },
  );
}

async function createVersionTable(session: CassandraSession, options: SchemaOptions): Promise<void> {
  const { keyspace } = options;
  const schema = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?';
  if ((await session.execute(schema, [keyspace])).rowLength === 0) {
    const replication = options.replication ?? {
      class: 'NetworkTopologyStrategy',
      [options.datacenter]: options.replicationFactor,
    };
    const map = Object.entries(replication).map(([k, v]) => `${quoted(k)}: ${quoted(String(v))}`);
    await session.executeOnce(
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {${map.join(', ')}}`,
    );
  }
  const tables = await columnsOf(session, keyspace);
  if (!tables.has('schema_version')) {
    const stranger = tableNames.find((table) => tables.has(table));
    if (stranger !== undefined) throw foreign(keyspace, stranger, 'and there is no table schema_version');
    await session.executeOnce(
      `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_version (
        name text PRIMARY KEY, version int, tenant_bytes_per_second bigint, lease text)`,
    );
  }
  await insertVersion(session, options);
}

/** Another starter's table may be listed before its node can write to it: that passes within moments. */
async function insertVersion(session: CassandraSession, options: SchemaOptions): Promise<void> {
  const rate = bigintValue(BigInt(Math.round(options.tenantBytesPerSecond)));
  const query = `INSERT INTO ${options.keyspace}.schema_version (name, version, tenant_bytes_per_second) VALUES (?, 0, ?) IF NOT EXISTS`;
  for (let tries = 1; ; tries++) {
    try {
      await session.executeOnce(query, [schemaName, rate]);
      return;
    } catch (error) {
      if (!isMissingTable(error) || tries >= missingTableTries) throw error;
    }
    await options.clock.sleep(pollMs);
  }
}

async function readVersion(session: CassandraSession, keyspace: string): Promise<VersionRow> {
  const query = `SELECT version, tenant_bytes_per_second FROM ${keyspace}.schema_version WHERE name = ?`;
  const row: types.Row | null = (await session.execute(query, [schemaName])).first();
  return {
    version: Number(row?.['version'] ?? 0),
    tenantBytesPerSecond: Number(row?.['tenant_bytes_per_second'] ?? 0),
  };
}

async function takeLease(session: CassandraSession, keyspace: string, me: string): Promise<boolean> {
  const result = await session.executeOnce(
    `UPDATE ${keyspace}.schema_version USING TTL ${leaseSeconds} SET lease = ? WHERE name = ? IF lease = null`,
    [me, schemaName],
  );
  return result.wasApplied();
}

async function runSteps(
  session: CassandraSession,
  options: SchemaOptions,
  steps: readonly Migration[],
  me: string,
): Promise<void> {
  const { keyspace } = options;
  const { version } = await readVersion(session, keyspace);
  for (const step of steps.filter((s) => s.version > version)) {
    for (const statement of step.statements(options)) await session.executeOnce(statement);
    if (step.probe !== undefined) await waitUntilUsable(session, step.probe(options), options.clock);
    await session.executeOnce(
      `UPDATE ${keyspace}.schema_version SET version = ? WHERE name = ? IF version < ?`,
      [step.version, schemaName, step.version],
    );
  }
  await session.executeOnce(
    `UPDATE ${keyspace}.schema_version SET lease = null WHERE name = ? IF lease = ?`,
    [schemaName, me],
  );
}

/**
 * An index is made beside its creation. On tables that hold much that takes long: it is not waited for then, so
 * that events are written meanwhile, and what asks the index fails with a retryable error until it is there.
 */
async function waitUntilUsable(session: CassandraSession, probe: string, clock: Clock): Promise<void> {
  for (let tries = 0; tries < usableTries; tries++) {
    try {
      await session.execute(probe, []);
      return;
    } catch (error) {
      if (!isRetryable(error)) throw error;
    }
    await clock.sleep(pollMs);
  }
}

async function checkColumns(session: CassandraSession, keyspace: string): Promise<void> {
  const tables = await columnsOf(session, keyspace);
  for (const table of tableNames) {
    const columns = tables.get(table);
    const missing = neededColumns[table].find((column) => columns?.has(column) !== true);
    if (missing !== undefined) throw foreign(keyspace, table, `without the column ${missing}`);
  }
}

async function columnsOf(session: CassandraSession, keyspace: string): Promise<Map<string, Set<string>>> {
  const tables = new Map<string, Set<string>>();
  const query = 'SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = ?';
  for await (const rows of session.pages(query, [keyspace], 1000)) {
    for (const row of rows) {
      const table = String(row['table_name']);
      const columns = tables.get(table) ?? new Set();
      tables.set(table, columns.add(String(row['column_name'])));
    }
  }
  return tables;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function foreign(keyspace: string, table: string, how: string): OpenFrameError {
  return new OpenFrameError(
    'CONFIGURATION_INVALID',
    `The keyspace '${keyspace}' has a table ${table} that no version of the event log made, ${how}: name another keyspace, or rename the table. Nothing was changed in it.`,
    { details: { keyspace, table } },
  );
}

function tooNew(keyspace: string, found: number, known: number): OpenFrameError {
  return new OpenFrameError(
    'DATA_FOLDER_TOO_NEW',
    `The event log in keyspace '${keyspace}' has schema ${found}, and this version knows ${known}: run the version that wrote it, or a newer one.`,
    { details: { keyspace, found, known } },
  );
}
