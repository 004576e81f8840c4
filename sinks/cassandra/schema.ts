import { OpenFrameError } from '../../contracts/errors.ts';

/** What the statements of the schema are made from. */
export interface SchemaSettings {
  readonly keyspace: string;
  readonly compactionWindowDays: number;
}

/** One step from a version to the next; every statement may run again. */
export interface Migration {
  readonly version: number;
  readonly statements: (settings: SchemaSettings) => readonly string[];
  /** A query that fails, retryably, until what the step made can be used. */
  readonly probe?: (settings: SchemaSettings) => string;
}

export const tableNames = ['events_by_tenant', 'events_by_device', 'device_hours'] as const;

function tableOptions(settings: SchemaSettings): string {
  // A row expires as a whole and is never read half: expired files are dropped, and single ones are rewritten
  // where late events keep them from that.
  return (
    `compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', ` +
    `'compaction_window_size': ${settings.compactionWindowDays}, 'unchecked_tombstone_compaction': 'true'} ` +
    `AND gc_grace_seconds = 86400`
  );
}

/**
 * The event log's tables, in the order of their versions.
 *
 * - `events_by_tenant` holds each event whole: the bytes of its enriched JSON, and beside them what a later
 *   inventory said of its device, and the event as it came again with the device that it lacked (`completed`).
 *   Newest first within a slot of the day.
 * - `events_by_device` says which events of a device there are, and with `incomplete` which lack a name.
 * - `device_hours` says in which hours a device has events, so that nobody searches the others.
 * - Cassandra's storage-attached index answers for an event id, which says neither tenant nor time.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    statements: (settings) => [
      `CREATE TABLE IF NOT EXISTS ${settings.keyspace}.events_by_tenant (
        tenant_id text, day date, bucket int, event_time timestamp, event_id uuid,
        event blob, hostname text, organization text,
        PRIMARY KEY ((tenant_id, day, bucket), event_time, event_id)
      ) WITH CLUSTERING ORDER BY (event_time DESC, event_id DESC) AND ${tableOptions(settings)}`,
      `CREATE TABLE IF NOT EXISTS ${settings.keyspace}.events_by_device (
        tenant_id text, day date, bucket int, device_id text, event_time timestamp, event_id uuid,
        incomplete boolean,
        PRIMARY KEY ((tenant_id, day, bucket), device_id, event_time, event_id)
      ) WITH CLUSTERING ORDER BY (device_id ASC, event_time DESC, event_id DESC) AND ${tableOptions(settings)}`,
      `CREATE TABLE IF NOT EXISTS ${settings.keyspace}.device_hours (
        tenant_id text, device_id text, hour timestamp,
        PRIMARY KEY ((tenant_id, device_id), hour)
      ) WITH CLUSTERING ORDER BY (hour DESC) AND ${tableOptions(settings)}`,
    ],
  },
  {
    version: 2,
    statements: ({ keyspace }) => [
      `CREATE INDEX IF NOT EXISTS events_by_id ON ${keyspace}.events_by_tenant (event_id) USING 'sai'`,
    ],
    probe: ({ keyspace }) =>
      `SELECT event_id FROM ${keyspace}.events_by_tenant WHERE event_id = 00000000-0000-0000-0000-000000000000`,
  },
  {
    version: 3,
    statements: ({ keyspace }) => [
      `ALTER TABLE ${keyspace}.events_by_tenant ADD IF NOT EXISTS completed blob`,
    ],
    probe: ({ keyspace }) => `SELECT completed FROM ${keyspace}.events_by_tenant LIMIT 1`,
  },
];

/** The columns without which nothing of this version can work. */
export const neededColumns: Readonly<Record<(typeof tableNames)[number], readonly string[]>> = {
  events_by_tenant: 'tenant_id day bucket event_time event_id event hostname organization completed'.split(
    ' ',
  ),
  events_by_device: 'tenant_id day bucket device_id event_time event_id incomplete'.split(' '),
  device_hours: 'tenant_id device_id hour'.split(' '),
};

/** Every statement that reads or writes events, for a keyspace. */
export function eventStatements(keyspace: string) {
  const slot = 'tenant_id = ? AND day = ? AND bucket = ?';
  return {
    insertEvent: `INSERT INTO ${keyspace}.events_by_tenant (tenant_id, day, bucket, event_time, event_id, event) VALUES (?, ?, ?, ?, ?, ?) USING TTL ?`,
    insertDeviceEvent: `INSERT INTO ${keyspace}.events_by_device (tenant_id, day, bucket, device_id, event_time, event_id, incomplete) VALUES (?, ?, ?, ?, ?, ?, ?) USING TTL ?`,
    insertHour: `INSERT INTO ${keyspace}.device_hours (tenant_id, device_id, hour) VALUES (?, ?, ?) USING TTL ?`,
    completeEvent: `UPDATE ${keyspace}.events_by_tenant USING TTL ? SET hostname = ?, organization = ? WHERE ${slot} AND event_time = ? AND event_id = ?`,
    repeatEvent: `UPDATE ${keyspace}.events_by_tenant USING TTL ? SET completed = ? WHERE ${slot} AND event_time = ? AND event_id = ?`,
    eventById: `SELECT tenant_id, event, completed, hostname, organization FROM ${keyspace}.events_by_tenant WHERE event_id = ?`,
    writtenById: `SELECT tenant_id, writetime(event) AS written FROM ${keyspace}.events_by_tenant WHERE event_id = ?`,
    everyId: `SELECT tenant_id, event_id, writetime(event) AS written FROM ${keyspace}.events_by_tenant`,
    hoursOfDevice: `SELECT hour FROM ${keyspace}.device_hours WHERE tenant_id = ? AND device_id = ?`,
    eventsOfDevices: `SELECT device_id, event_time, event_id, incomplete, ttl(incomplete) AS left FROM ${keyspace}.events_by_device WHERE ${slot} AND device_id IN ?`,
    tenantSlots: `SELECT DISTINCT tenant_id, day, bucket FROM ${keyspace}.events_by_tenant`,
    deviceSlots: `SELECT DISTINCT tenant_id, day, bucket FROM ${keyspace}.events_by_device`,
    deleteTenantSlot: `DELETE FROM ${keyspace}.events_by_tenant USING TIMESTAMP ? WHERE ${slot}`,
    deleteWithinSlot: `DELETE FROM ${keyspace}.events_by_tenant USING TIMESTAMP ? WHERE ${slot} AND event_time < ?`,
    deleteDeviceSlot: `DELETE FROM ${keyspace}.events_by_device USING TIMESTAMP ? WHERE ${slot}`,
  };
}

export type EventStatements = ReturnType<typeof eventStatements>;

/** A keyspace's name stands in statements as it is, so it is checked here. Throws `CONFIGURATION_INVALID`. */
export function checkKeyspace(keyspace: string): string {
  if (/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) return keyspace;
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    `'${keyspace}' is no name of a keyspace: give 1 to 48 of a-z, 0-9 and _, starting with a letter.`,
    { details: { field: 'keyspace' } },
  );
}
