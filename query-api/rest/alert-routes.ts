import { z } from 'zod';

import { alertStates, alertStatuses } from '../../contracts/alert.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { severitySchema } from '../../contracts/event.ts';
import { type AlertReader, alertSorts } from '../../stores/alert-reader.ts';
import { alertFilterShape, alertIdLength, alertPage, toAlertFilter } from '../questions/alert-page.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { nextCursorOf } from '../questions/event-page.ts';
import { answeredAlertSchema, toAnswer } from './alert-answer.ts';
import { cursorParameter } from './event-routes.ts';
import { choiceParameter, textParameter, wholeNumberParameter } from './parameters.ts';
import { completenessShape, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

export const alertParameter = z.strictObject({ alertId: textParameter('The alert.', alertIdLength) });

interface AlertRouteDeps {
  readonly alerts: AlertReader;
  readonly completeness: AskCompleteness;
}

export function createAlertRoutes(deps: AlertRouteDeps): RestRoute[] {
  return [listRoute(deps), statsRoute(deps), alertRoute(deps.alerts)];
}

function listRoute({ alerts, completeness }: AlertRouteDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/alerts',
    operationId: 'listAlerts',
    summary: 'Alerts, the most deserving first',
    tag: 'alerts',
    description: 'A page of alerts, each with its score, the terms of it and what was done with it.',
    query: z.strictObject({
      ...alertFilterShape,
      sort: choiceParameter('By score, or by the last report.', alertSorts).default('score'),
      limit: wholeNumberParameter('Most alerts of a page.', 1, 1000, 50),
      cursor: cursorParameter.optional(),
    }),
    content: { [jsonType]: pageOf(answeredAlertSchema).extend(completenessShape) },
    handle: ({ principal, query: { limit, cursor, sort, ...query } }) =>
      withCompleteness(completeness, principal, async () => {
        const question = { filter: toAlertFilter(query), sort, limit, cursor };
        const page = await alertPage(alerts, principal, question);
        return { items: page.items.map(toAnswer), nextCursor: nextCursorOf(page) };
      }),
  });
}

const counts = (keys: readonly string[]) =>
  z.strictObject(Object.fromEntries(keys.map((key) => [key, z.int()])));

/** How many there are of each status, state and severity, zeros too. */
export const breakdownShape = {
  byStatus: counts(alertStatuses),
  byState: counts(alertStates),
  bySeverity: counts(severitySchema.options),
};

function statsRoute({ alerts, completeness }: AlertRouteDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/alerts/stats',
    operationId: 'getAlertStats',
    summary: 'How many alerts there are, by status, state and severity',
    tag: 'alerts',
    description: '`reports` is what was folded into the alerts that are counted.',
    query: z.strictObject(alertFilterShape),
    content: {
      [jsonType]: z.strictObject({
        total: z.int(),
        reports: z.int(),
        ...breakdownShape,
        ...completenessShape,
      }),
    },
    handle: ({ principal, query }) =>
      withCompleteness(completeness, principal, () => alerts.stats(principal, toAlertFilter(query))),
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
