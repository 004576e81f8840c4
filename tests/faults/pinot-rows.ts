import axios from 'axios';
import { z } from 'zod';

import type { StoredRow } from './ledger.ts';

/** More than any scenario sends: Pinot answers ten rows to a question without a limit. */
const mostRows = 2_000_000;
const answerSchema = z.object({
  exceptions: z.array(z.unknown()).max(0),
  partialResult: z.literal(false).optional(),
  resultTable: z.object({ rows: z.array(z.tuple([z.string(), z.string()])) }),
});

/** The first digit of an event's id: all rows in one answer are more than a small server's memory takes. */
const digits = [...'0123456789abcdef'];

/** Every row of the events table in Pinot, asked of a broker and not by the platform's own reader; no payloads. */
export async function* pinotRows(brokerUrl: string, prefix: string): AsyncGenerator<readonly StoredRow[]> {
  for (const [i, digit] of digits.entries()) {
    const bounds = [
      ...(i === 0 ? [] : [`event_id >= '${digit}'`]),
      ...(i + 1 === digits.length ? [] : [`event_id < '${digits[i + 1] ?? ''}'`]),
    ];
    const sql = `SELECT tenant_id, event_id FROM ${prefix}openframe_events WHERE ${bounds.join(' AND ')} LIMIT ${mostRows}`;
    const { data } = await axios.post<unknown>(`${brokerUrl}/query/sql`, {
      sql,
      queryOptions: 'timeoutMs=60000',
    });
    const { rows } = answerSchema.parse(data).resultTable;
    yield rows.map(([tenantId, eventId]) => ({ tenantId, eventId }));
  }
}
