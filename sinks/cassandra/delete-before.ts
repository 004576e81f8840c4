import type { types } from 'cassandra-driver';

import { bigintValue, timestampValue } from './cql-values.ts';
import type { Placement } from './event-batches.ts';
import { deletionTimestamp, slotOfBucket } from './placement.ts';
import { runBounded } from '../../streams/run-bounded.ts';
import type { CassandraSession } from './session.ts';

const pageRows = 1000;
const concurrency = 8;
const dayMs = 86_400_000;

/**
 * Removes events older than a moment, as far as their time to live does not: a whole partition by one tombstone,
 * the one that the moment cuts by a range. Events that come later for a time that was deleted stay deleted
 * until the tombstone is collected. Rows of the device table go when their whole slot has gone; until then
 * they lead to nothing. A run that fails in between is repeated.
 */
export async function deleteBefore(
  session: CassandraSession,
  placement: Placement,
  beforeMs: number,
): Promise<void> {
  const { statements, widths } = placement;
  await runBounded(slots(session, statements.tenantSlots), concurrency, async (row) => {
    const { key, timestamp, startMs } = keyOf(row, widths.tenantSlotMs);
    if (startMs + widths.tenantSlotMs <= beforeMs) {
      await session.execute(statements.deleteTenantSlot, [timestamp, ...key]);
    } else if (startMs < beforeMs) {
      const before = timestampValue(Math.ceil(beforeMs));
      await session.execute(statements.deleteWithinSlot, [timestamp, ...key, before]);
    }
  });
  await runBounded(slots(session, statements.deviceSlots), concurrency, async (row) => {
    const { key, timestamp, startMs } = keyOf(row, widths.deviceSlotMs);
    if (startMs + widths.deviceSlotMs > beforeMs) return;
    await session.execute(statements.deleteDeviceSlot, [timestamp, ...key]);
  });
}

async function* slots(session: CassandraSession, query: string): AsyncGenerator<types.Row, void, undefined> {
  for await (const rows of session.pages(query, [], pageRows)) yield* rows;
}

function keyOf(row: types.Row, slotMs: number) {
  const bucket = Number(row['bucket']);
  const day = epochDayOf(row['day']);
  return {
    key: [String(row['tenant_id']), String(row['day']), bucket],
    timestamp: bigintValue(deletionTimestamp(day)),
    startMs: slotOfBucket(day, bucket, slotMs) * slotMs,
  };
}

/** The driver's `LocalDate` prints as `YYYY-MM-DD`. */
function epochDayOf(date: unknown): number {
  return Math.floor(Date.parse(`${String(date)}T00:00:00Z`) / dayMs);
}
