import type { AlertRegistry } from '../../stores/alert-registry.ts';
import { type AlertDeed, alertDeeds } from '../questions/alert-actions.ts';
import { answeredAlertSchema, toAnswer } from './alert-answer.ts';
import { alertParameter } from './alert-routes.ts';
import { actRoute, jsonType, type RestRoute } from './route.ts';

/** The actions, one route each: `POST /alerts/{alertId}/<action>`. Every step is kept with who did it. */
export function createAlertActionRoutes(alerts: Pick<AlertRegistry, 'act'>): RestRoute[] {
  return alertDeeds.map((deed) => route(alerts, deed));
}

function route(
  alerts: Pick<AlertRegistry, 'act'>,
  { name, summary, roles, body, actionOf }: AlertDeed,
): RestRoute {
  return actRoute({
    path: `/alerts/{alertId}/${name}`,
    operationId: `${name}Alert`,
    summary,
    tag: 'alerts',
    description: 'The alert as it is now.',
    params: alertParameter,
    body,
    roles,
    content: { [jsonType]: answeredAlertSchema },
    handle: async ({ principal, params, body: given }) =>
      toAnswer(await alerts.act(principal, params.alertId, actionOf(given))),
  });
}
