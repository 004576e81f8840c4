import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { readNewestFirst, rowCursorSchema } from '../newest-first.ts';
import { readCursor, readAnswer } from '../read-answer.ts';
import { createToolHttp } from '../tool-http.ts';
import type { ReaderOptions, ToolReader } from '../tool-reader.ts';

const perPage = 200;

const activitySchema = z.looseObject({
  id: z.number().int().positive(),
  type: z.string(),
  created_at: z.string(),
});
const pageSchema = z.object({
  activities: z.array(activitySchema).max(perPage).nullable(),
  meta: z.object({ has_next_results: z.boolean().optional() }).nullish(),
});
const meSchema = z.object({
  user: z.object({ email: z.string(), global_role: z.string().nullish() }),
});

/**
 * Fleet's activities by its REST API (https://fleetdm.com/docs/rest-api/rest-api, "List activities" and "Me"), with
 * an API token. Reading them needs a global role. Fleet asks for no pace but by 429.
 */
export function createFleetReader(options: ReaderOptions, clock: Clock): ToolReader {
  const http = createToolHttp({
    tool: 'Fleet',
    url: options.url,
    ca: options.ca,
    headers: { authorization: `Bearer ${options.secret}` },
    unauthorised: 'the API token is wrong or has ended; take one of an API-only user.',
    forbidden: 'the user needs a global role, such as Observer.',
    nowMs: () => clock.nowMs(),
  });
  const page = async (number: number, signal: AbortSignal, size = perPage) => {
    const query = `page=${number}&per_page=${size}&order_key=id&order_direction=desc`;
    const answer = await http.json('GET', `/api/v1/fleet/activities?${query}`, { signal });
    return readAnswer('Fleet', pageSchema, answer);
  };
  return {
    async check(signal) {
      const me = await http.json('GET', '/api/v1/fleet/me', { signal });
      const { user } = readAnswer('Fleet', meSchema, me);
      await page(0, signal, 1);
      const isGlobal = (user.global_role ?? '') !== '';
      return {
        account: user.email,
        remarks: isGlobal ? [] : ['The user has no global role: Fleet may show it only a part.'],
      };
    },
    read: (cursor, signal) =>
      readNewestFirst({
        cursor: readCursor(rowCursorSchema, cursor),
        sinceMs: options.sinceMs,
        page: async (number) => {
          const { activities, meta } = await page(number, signal);
          const rows = (activities ?? []).map((row) => {
            const timeMs = Date.parse(row.created_at);
            const reading = { messageType: 'FLEET_MDM_REST', id: String(row.id), timeMs, value: { row } };
            return { id: row.id, timeMs, reading };
          });
          return { rows, more: meta?.has_next_results ?? rows.length === perPage };
        },
      }),
    changed: (maxWaitMs, signal) => clock.sleep(maxWaitMs, signal),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}
