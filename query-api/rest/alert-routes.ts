import { z } from 'zod';

import { alertStates, alertStatuses } from '../../contracts/alert.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { severitySchema } from '../../contracts/event.ts';
import { type AlertReader, alertSorts, positionOf } from '../../stores/alert-reader.ts';
import { answeredAlertSchema, toAnswer } from './alert-answer.ts';
import { decodeCursor, encodeCursor, questionOf } from './cursor.ts';
import { cursorParameter } from './event-routes.ts';
import {
  choiceParameter,
  listParameter,
  textParameter,
  timeParameter,
  wholeNumberParameter,
} from './parameters.ts';
import { jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

const idLength = 64;
const positionSchema = z.strictObject({ by: z.number(), alertId: z.string().max(idLength) });
export const alertParameter = z.strictObject({ alertId: textParameter('The alert.', idLength) });

const filters = {
  statuses: listParameter(z.enum(alertStatuses), {
    description: 'What people made of it.',
    must: `one of ${alertStatuses.join(', ')}`,
  }).optional(),
  states: listParameter(z.enum(alertStates), {
    description: 'Whether it goes on.',
    must: `one of ${alertStates.join(', ')}`,
  }).optional(),
  severities: listParameter(severitySchema, {
    description: 'Severities.',
    must: `one of ${severitySchema.options.join(', ')}`,
  }).optional(),
  deviceId: textParameter('Alerts of one device.', 512).optional(),
  organizationId: textParameter('Alerts of one organization.', 128).optional(),
  from: timeParameter('Alerts whose last report is then or later.').optional(),
  to: timeParameter('Alerts whose first report is before then.').optional(),
  minScore: wholeNumberParameter('Alerts with at least this score.', 0, 100, 0),
  search: textParameter('Part of the title, in any case.', 256).optional(),
};

function filterOf<Query extends { readonly from?: number | undefined; readonly to?: number | undefined }>(
  query: Query,
) {
  const { from: fromMs, to: toMs, ...rest } = query;
  return { ...rest, fromMs, toMs };
}

export function createAlertRoutes(alerts: AlertReader): RestRoute[] {
  return [listRoute(alerts), statsRoute(alerts), alertRoute(alerts)];
}

function listRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/alerts',
    operationId: 'listAlerts',
    summary: 'Alerts, the most deserving first',
    tag: 'alerts',
    description: 'A page of alerts, each with its score, the terms of it and what was done with it.',
    query: z.strictObject({
      ...filters,
      sort: choiceParameter('By score, or by the last report.', alertSorts).default('score'),
      limit: wholeNumberParameter('Most alerts of a page.', 1, 1000, 50),
      cursor: cursorParameter.optional(),
    }),
    content: { [jsonType]: pageOf(answeredAlertSchema) },
    async handle({ principal, query: { limit, cursor, sort, ...query } }) {
      const filter = filterOf(query);
      const question = questionOf(principal, 'alerts', { ...filter, sort });
      const after = cursor === undefined ? undefined : decodeCursor(cursor, question, positionSchema);
      const found = await alerts.list(principal, { ...filter, sort, limit: limit + 1, after });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const more = last !== undefined && found.length > limit;
      const nextCursor = more ? encodeCursor(question, positionOf(last, sort)) : null;
      return { items: items.map(toAnswer), nextCursor };
    },
  });
}

const counts = (keys: readonly string[]) =>
  z.strictObject(Object.fromEntries(keys.map((key) => [key, z.int()])));

function statsRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/alerts/stats',
    operationId: 'getAlertStats',
    summary: 'How many alerts there are, by status, state and severity',
    tag: 'alerts',
    description: '`reports` is what was folded into the alerts that are counted.',
    query: z.strictObject(filters),
    content: {
      [jsonType]: z.strictObject({
        total: z.int(),
        reports: z.int(),
        byStatus: counts(alertStatuses),
        byState: counts(alertStates),
        bySeverity: counts(severitySchema.options),
      }),
    },
    handle: ({ principal, query }) => alerts.stats(principal, filterOf(query)),
  });
}

function alertRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    query: noParameters,
    path: '/alerts/{alertId}',
    operationId: 'getAlert',
    summary: 'One alert',
    tag: 'alerts',
    description: 'The alert with the terms of its score and the steps of its life.',
    params: alertParameter,
    content: { [jsonType]: answeredAlertSchema },
    async handle({ principal, params: { alertId } }) {
      const alert = await alerts.get(principal, alertId);
      if (alert !== null) return toAnswer(alert);
      throw new OpenFrameError('NOT_FOUND', `No alert has the id ${JSON.stringify(alertId)}.`, {
        details: { alertId },
      });
    },
  });
}
