import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import { readAnswer } from '../read-answer.ts';
import type { ToolHttp } from '../tool-http.ts';
import type { ToolReading } from '../tool-reader.ts';

const dayMs = 86_400_000;
const maxDays = 3_650;
/** A database shows a row when it is committed, perhaps after one with a higher number. */
const lookBack = 100;
/** Of alerts that are open this many are followed, the newest. */
const followedAlerts = 10_000;

/** Alerts up to `afterId` were told; those that were open then are followed until they are resolved. */
export const alertCursorSchema = z.strictObject({
  afterId: z.number().int().min(0),
  recentIds: z.array(z.number().int()),
  openIds: z.array(z.number().int()),
  readMs: z.number(),
});
type AlertCursor = z.infer<typeof alertCursorSchema>;

const alertSchema = z.looseObject({
  id: z.number().int().positive(),
  alert_time: z.string().nullish(),
  resolved: z.boolean(),
  resolved_on: z.string().nullish(),
});
type Alert = z.infer<typeof alertSchema>;
const alertsSchema = z.array(alertSchema).max(200_000);

/**
 * Alerts that were raised or resolved since the cursor. Tactical keeps one row for both and can be asked for those
 * raised in the last days and for those still open: an alert that was open and is in neither any more is asked for
 * by itself.
 */
export async function readAlerts(options: {
  readonly http: ToolHttp;
  readonly cursor: AlertCursor | null;
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}): Promise<{ readonly readings: readonly ToolReading[]; readonly cursor: AlertCursor }> {
  const { http, cursor, sinceMs, nowMs, signal } = options;
  const list = async (body: object): Promise<readonly Alert[]> =>
    readAnswer('Tactical RMM', alertsSchema, await http.json('PATCH', '/alerts/', { body, signal }));
  const spanMs = nowMs - (cursor?.readMs ?? sinceMs);
  const days = Math.min(maxDays, Math.max(1, Math.ceil(spanMs / dayMs)) + 1);
  const listed = [...(await list({ timeFilter: days }))].sort((a, b) => a.id - b.id);
  const fresh = listed.filter(isNew(cursor, sinceMs));
  const known = new Map(listed.map((alert) => [alert.id, alert]));
  const followed = (cursor?.openIds ?? []).filter((id) => known.get(id)?.resolved !== false);
  if (followed.some((id) => !known.has(id))) {
    for (const alert of await list({ resolvedFilter: false })) known.set(alert.id, alert);
  }
  for (const id of followed) {
    if (known.has(id)) continue;
    const alert = await alertOf(http, id, signal);
    if (alert !== null) known.set(id, alert);
  }
  const resolved = followed.flatMap((id) => known.get(id) ?? []).filter((alert) => alert.resolved);
  const readings = [...fresh.flatMap(readingsOf), ...resolved.map(resolvedReading)];
  const stillOpen = (cursor?.openIds ?? []).filter((id) => known.get(id)?.resolved === false);
  const opened = fresh.filter((alert) => !alert.resolved).map(({ id }) => id);
  const openIds = [...new Set([...stillOpen, ...opened])].slice(-followedAlerts);
  return { readings, cursor: nextCursor(cursor, fresh, openIds, nowMs) };
}

function isNew(cursor: AlertCursor | null, sinceMs: number): (alert: Alert) => boolean {
  if (cursor === null) return ({ alert_time }) => !(timeOf(alert_time) < sinceMs);
  const recent = new Set(cursor.recentIds);
  const lowest = cursor.afterId - lookBack;
  return ({ id, alert_time }) => id > lowest && !recent.has(id) && !(timeOf(alert_time) < sinceMs);
}

function nextCursor(
  cursor: AlertCursor | null,
  fresh: readonly Alert[],
  openIds: readonly number[],
  readMs: number,
): AlertCursor {
  const ids = fresh.map(({ id }) => id);
  const afterId = Math.max(cursor?.afterId ?? 0, ids.at(-1) ?? 0);
  const recentIds = [...(cursor?.recentIds ?? []), ...ids].filter((id) => id > afterId - lookBack);
  return { afterId, recentIds: recentIds.sort((a, b) => a - b), openIds: [...openIds], readMs };
}

/** Null where it was deleted. */
async function alertOf(http: ToolHttp, id: number, signal: AbortSignal): Promise<Alert | null> {
  try {
    return readAnswer('Tactical RMM', alertSchema, await http.json('GET', `/alerts/${id}/`, { signal }));
  } catch (error) {
    if (error instanceof OpenFrameError && error.details['status'] === 404) return null;
    throw error;
  }
}

/** The row told as it was when it was raised and, where it is, as it is resolved. */
function readingsOf(alert: Alert): readonly ToolReading[] {
  const raised = { ...alert, resolved: false, resolved_on: null };
  const first = reading(`alert:${alert.id}:triggered`, timeOf(alert.alert_time), raised);
  return alert.resolved ? [first, resolvedReading(alert)] : [first];
}

function resolvedReading(alert: Alert): ToolReading {
  return reading(`alert:${alert.id}:resolved`, timeOf(alert.resolved_on), alert);
}

function reading(id: string, timeMs: number, row: unknown): ToolReading {
  return { messageType: 'TACTICAL_RMM_REST', id, timeMs, value: { table: 'alerts_alert', row } };
}

function timeOf(text: string | null | undefined): number {
  return Date.parse(text ?? '');
}
