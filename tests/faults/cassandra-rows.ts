import { Client } from 'cassandra-driver';
import { z } from 'zod';

import { payloadHash } from './fleet.ts';
import type { StoredRow } from './ledger.ts';

const pageRows = 2_000;
const enrichedSchema = z.object({
  deviceId: z.string(),
  eventTime: z.number(),
  data: z.unknown(),
});

/** Every row of the event log in Cassandra, read by the driver and not by the platform's own reader. */
export async function* cassandraRows(
  contactPoints: readonly string[],
  keyspace: string,
): AsyncGenerator<readonly StoredRow[]> {
  const client = new Client({ contactPoints: [...contactPoints], localDataCenter: 'datacenter1' });
  await client.connect();
  try {
    let pageState: string | undefined;
    do {
      const page = await client.execute(
        `SELECT tenant_id, event_id, event FROM ${keyspace}.events_by_tenant`,
        [],
        { prepare: true, fetchSize: pageRows, ...(pageState === undefined ? {} : { pageState }) },
      );
      yield page.rows.map((row) => rowOf(row));
      pageState = page.pageState ?? undefined;
    } while (pageState !== undefined);
  } finally {
    await client.shutdown();
  }
}

function rowOf(row: { readonly [column: string]: unknown }): StoredRow {
  const tenantId = String(row['tenant_id']);
  const text = Buffer.isBuffer(row['event']) ? row['event'].toString('utf8') : '';
  const { deviceId, eventTime, data } = enrichedSchema.parse(JSON.parse(text));
  const time = new Date(eventTime).toISOString();
  return {
    tenantId,
    eventId: String(row['event_id']),
    hash: payloadHash({ tenantId, deviceId, time, data }),
  };
}
