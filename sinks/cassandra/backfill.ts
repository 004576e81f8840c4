import type { types } from 'cassandra-driver';

import { dateValue, intValue, timestampValue } from './cql-values.ts';
import type { Placement } from './event-batches.ts';
import { completionTimestamp, dayAndBucket, hourMs, slotOf } from './placement.ts';
import { runBounded } from './run-bounded.ts';
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

/**
 * Writes what is known of a device beside those of its events that lack a name. An event's own names stay what
 * they are: readers ask them first, so no row has to be read here, and repeating changes nothing.
 *
 * Read are the hours in which the device has events, and in these its own rows of the device table, a page at
 * a time. Rows of its partition of the log were written before by the same reader, in the order of the log. What
 * another process still writes of them it writes for the second time: without these columns, so it cannot undo
 * them. A device's events from another partition that come later belong to a stream that did not know the device
 * then; they are completed when that stream learns of it.
 */
export async function completeDevice(
  deps: CompletionDeps,
  facts: DeviceFacts,
  signal: AbortSignal,
): Promise<void> {
  if (facts.hostname === null && facts.organizationId === null) return;
  await runBounded(slotsOf(deps, facts), concurrency, async (slot) => {
    signal.throwIfAborted();
    await completeSlot(deps, facts, slot);
  });
}

/** The slots of the device table in which the device may have rows, newest first. */
async function* slotsOf(deps: CompletionDeps, facts: DeviceFacts): AsyncGenerator<number, void, undefined> {
  const { statements, widths } = deps.placement;
  const key = [facts.tenantId, facts.deviceId];
  const slotsAnHour = hourMs / widths.deviceSlotMs;
  for await (const rows of deps.session.pages(statements.hoursOfDevice, key, pageRows)) {
    for (const row of rows) {
      const first = slotOf(timeOf(row['hour']), widths.deviceSlotMs);
      for (let slot = first + slotsAnHour - 1; slot >= first; slot--) yield slot;
    }
  }
}

async function completeSlot(deps: CompletionDeps, facts: DeviceFacts, slot: number): Promise<void> {
  const { statements: queries, widths } = deps.placement;
  const { day, bucket } = dayAndBucket(slot, widths.deviceSlotMs);
  const key = [facts.tenantId, dateValue(day), intValue(bucket), facts.deviceId];
  for await (const rows of deps.session.pages(queries.eventsOfDevice, key, pageRows)) {
    const bySlot = new Map<number, CqlStatement[]>();
    for (const row of rows) {
      if (row['incomplete'] !== true) continue;
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
