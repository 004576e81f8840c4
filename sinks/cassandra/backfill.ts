import type { types } from 'cassandra-driver';

import { dateValue, intValue, timestampValue } from './cql-values.ts';
import type { Placement } from './event-batches.ts';
import { completionTimestamp, dayAndBucket, hourMs, slotOf } from './placement.ts';
import { runBounded } from '../../streams/run-bounded.ts';
import type { CassandraSession, CqlStatement } from './session.ts';

/** What a device event says of its device, for the rows that came before it was known. */
export interface DeviceFacts {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly hostname: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
}

export interface CompletionDeps {
  readonly session: CassandraSession;
  readonly placement: Placement;
  /** Gives the timestamps: of two completions the first one stays. */
  readonly writtenMs: number;
}

/** The organization of a row's device, as the column `organization` holds it in JSON. */
export interface OrganizationFact {
  readonly id: string;
  readonly name: string | null;
}

const pageRows = 500;
const concurrency = 8;
/** Devices that one query asks for: a fleet that registers at once is read slot by slot, not device by device. */
const devicesAQuery = 50;

/** Devices of one tenant that have events in one hour. */
interface HourDevices {
  readonly hour: number;
  readonly devices: DeviceFacts[];
}

/** One query: devices of one tenant in one partition of the device table. */
interface SlotQuery {
  readonly slot: number;
  readonly devices: readonly DeviceFacts[];
}

/**
 * Writes what is known of devices beside those of their events that lack a name. An event's own names stay what
 * they are: readers ask them first, so no row has to be read here, and repeating changes nothing.
 *
 * Read are the hours in which a device has events, and in these its own rows of the device table, a page at
 * a time. Rows of its partition of the log were written before by the same reader, in the order of the log. What
 * another process still writes of them it writes for the second time: without these columns, so it cannot undo
 * them. A device's events from another partition that come later belong to a stream that did not know the device
 * then; they are completed when that stream learns of it.
 */
export async function completeDevices(
  deps: CompletionDeps,
  facts: Iterable<DeviceFacts>,
  signal: AbortSignal,
): Promise<void> {
  const hours = new Map<string, HourDevices>();
  const telling = [...facts].filter((f) => f.hostname !== null || f.organizationId !== null);
  await runBounded(telling, concurrency, (device) => addHours(deps, device, hours));
  await runBounded(queriesOf(deps, hours.values()), concurrency, async (query) => {
    signal.throwIfAborted();
    await completeSlot(deps, query);
  });
}

async function addHours(
  deps: CompletionDeps,
  device: DeviceFacts,
  hours: Map<string, HourDevices>,
): Promise<void> {
  const key = [device.tenantId, device.deviceId];
  const { hoursOfDevice } = deps.placement.statements;
  for await (const rows of deps.session.pages(hoursOfDevice, key, pageRows)) {
    for (const row of rows) {
      const hour = slotOf(timeOf(row['hour']), hourMs);
      const name = `${hour}/${device.tenantId}`;
      const found = hours.get(name);
      if (found === undefined) hours.set(name, { hour, devices: [device] });
      else found.devices.push(device);
    }
  }
}

function* queriesOf(deps: CompletionDeps, hours: Iterable<HourDevices>): Generator<SlotQuery> {
  const slotsAnHour = hourMs / deps.placement.widths.deviceSlotMs;
  for (const { hour, devices } of hours) {
    for (let slot = hour * slotsAnHour; slot < (hour + 1) * slotsAnHour; slot++) {
      for (let i = 0; i < devices.length; i += devicesAQuery) {
        yield { slot, devices: devices.slice(i, i + devicesAQuery) };
      }
    }
  }
}

async function completeSlot(deps: CompletionDeps, { slot, devices }: SlotQuery): Promise<void> {
  const { statements: queries, widths } = deps.placement;
  const { day, bucket } = dayAndBucket(slot, widths.deviceSlotMs);
  const byId = new Map(devices.map((device) => [device.deviceId, device]));
  const key = [devices[0]?.tenantId, dateValue(day), intValue(bucket), [...byId.keys()]];
  for await (const rows of deps.session.pages(queries.eventsOfDevices, key, pageRows)) {
    const bySlot = new Map<number, CqlStatement[]>();
    for (const row of rows) {
      const facts = byId.get(String(row['device_id']));
      if (facts === undefined || row['incomplete'] !== true) continue;
      const tenantSlot = slotOf(timeOf(row['event_time']), widths.tenantSlotMs);
      const batch = bySlot.get(tenantSlot) ?? [];
      bySlot.set(tenantSlot, batch);
      batch.push(completion(deps, facts, tenantSlot, row));
    }
    for (const [tenantSlot, statements] of bySlot) {
      const { day: rowsDay } = dayAndBucket(tenantSlot, widths.tenantSlotMs);
      const timestamp = completionTimestamp(rowsDay, deps.writtenMs);
      await deps.session.writePartition({ timestamp, statements });
    }
  }
}

function completion(
  deps: CompletionDeps,
  facts: DeviceFacts,
  tenantSlot: number,
  row: types.Row,
): CqlStatement {
  const { statements, widths } = deps.placement;
  const { day, bucket } = dayAndBucket(tenantSlot, widths.tenantSlotMs);
  const organization: OrganizationFact | null =
    facts.organizationId === null ? null : { id: facts.organizationId, name: facts.organizationName };
  // Undefined leaves a column as it is; null would write a tombstone. The cells live as long as the row has left.
  const found = [
    facts.hostname ?? undefined,
    organization === null ? undefined : JSON.stringify(organization),
  ];
  const place = [facts.tenantId, dateValue(day), intValue(bucket), timestampValue(timeOf(row['event_time']))];
  const left: unknown = row['left'];
  return {
    query: statements.completeEvent,
    params: [intValue(typeof left === 'number' ? left : 0), ...found, ...place, String(row['event_id'])],
  };
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Number.NaN;
}
