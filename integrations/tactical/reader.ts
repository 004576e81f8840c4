import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { type NumberedRow, readNewestFirst, rowCursorSchema } from '../newest-first.ts';
import { readAnswer, readCursor } from '../read-answer.ts';
import { createToolHttp, type ToolHttp } from '../tool-http.ts';
import type { ReaderOptions, ToolPage, ToolReader } from '../tool-reader.ts';
import { alertCursorSchema, readAlerts } from './alerts.ts';

const perPage = 200;

const cursorSchema = z.strictObject({
  audit: rowCursorSchema.nullable(),
  alerts: alertCursorSchema.nullable(),
});
type Cursor = z.infer<typeof cursorSchema>;

const auditSchema = z.looseObject({
  id: z.number().int().positive(),
  entry_time: z.string(),
  site: z.looseObject({ client_name: z.string().optional() }).nullish(),
});
const auditPageSchema = z.object({
  audit_logs: z.array(auditSchema).max(perPage),
  total: z.number().int().min(0),
});

/**
 * Tactical RMM's audit log and alerts by its REST API with an API key (https://docs.tacticalrmm.com/functions/api/):
 * `PATCH /logs/audit/` and `PATCH /alerts/`, as its own web page asks.
 */
export function createTacticalReader(options: ReaderOptions, clock: Clock): ToolReader {
  const { url, ca, secret, sinceMs } = options;
  const http = createToolHttp({
    tool: 'Tactical RMM',
    url,
    ca,
    headers: { 'x-api-key': secret },
    unauthorised: 'the API key is wrong or has ended.',
    forbidden: "the API key's user needs a role with List Audit Logs and List Alerts.",
    nowMs: () => clock.nowMs(),
  });
  return {
    async check(signal) {
      await auditPage(http, 0, signal);
      await http.json('PATCH', '/alerts/', { body: { top: 1 }, signal });
      return { account: 'the owner of the API key', remarks: [] };
    },
    async *read(stored, signal) {
      const cursor = readCursor(cursorSchema, stored) ?? { audit: null, alerts: null };
      let { audit } = cursor;
      const page = (number: number) => auditPage(http, number, signal);
      for await (const found of readNewestFirst({ cursor: audit, sinceMs, page })) {
        audit = found.cursor === undefined ? audit : rowCursorSchema.parse(found.cursor);
        yield withCursor(found, { audit, alerts: cursor.alerts });
      }
      const found = await readAlerts({ http, cursor: cursor.alerts, sinceMs, nowMs: clock.nowMs(), signal });
      yield { readings: found.readings, cursor: { audit, alerts: found.cursor } satisfies Cursor };
    },
    changed: (maxWaitMs, signal) => clock.sleep(maxWaitMs, signal),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

function withCursor(page: ToolPage, cursor: Cursor): ToolPage {
  return page.cursor === undefined ? page : { ...page, cursor };
}

/** Tactical counts pages from 1, and gives its last page again for every number after it. */
async function auditPage(
  http: ToolHttp,
  number: number,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly NumberedRow[]; readonly more: boolean }> {
  const pagination = { rowsPerPage: perPage, page: number + 1, sortBy: 'id', descending: true };
  const answer = await http.json('PATCH', '/logs/audit/', { body: { pagination }, signal });
  const { audit_logs, total } = readAnswer('Tactical RMM', auditPageSchema, answer);
  const rows = audit_logs.map((row) => {
    const timeMs = Date.parse(row.entry_time);
    const value = { table: 'logs_auditlog', row: { ...row, client: row.site?.client_name ?? '' } };
    const reading = { messageType: 'TACTICAL_RMM_REST', id: `audit:${row.id}`, timeMs, value };
    return { id: row.id, timeMs, reading };
  });
  return { rows, more: (number + 1) * perPage < total };
}
