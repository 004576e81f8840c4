import { z } from 'zod';

import { alertVerdicts } from '../../contracts/alert.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { AlertAction } from '../../stores/alert-life.ts';
import type { AlertRegistry } from '../../stores/alert-registry.ts';
import { answeredAlertSchema, toAnswer } from './alert-answer.ts';
import { alertParameter } from './alert-routes.ts';
import { actRoute, jsonType, type RestRoute } from './route.ts';

/** Who may act on alerts. An analyst reads them, says what they think, and changes nothing. */
const actors: readonly Role[] = ['technician', 'operator', 'admin'];
const speakers: readonly Role[] = [...actors, 'analyst'];

const nothing = z.strictObject({});

/** The actions, one route each: `POST /alerts/{alertId}/<action>`. Every step is kept with who did it. */
export function createAlertActionRoutes(alerts: Pick<AlertRegistry, 'act'>): RestRoute[] {
  return [
    route(alerts, 'acknowledge', 'Say that somebody looks at it', actors, nothing, () => ({
      action: 'acknowledge',
    })),
    route(
      alerts,
      'snooze',
      'Keep it, and the next of the same trouble, out of sight for a time; survives a resolve',
      actors,
      z.strictObject({
        until: z.iso
          .datetime({ offset: true, error: () => 'must be an RFC 3339 time with a zone' })
          .transform((text) => Date.parse(text)),
      }),
      ({ until }) => ({ action: 'snooze', untilMs: until }),
    ),
    route(
      alerts,
      'resolve',
      'Say that it is over; refused with ALERT_STILL_FIRING while it is not, unless whenClear',
      actors,
      z.strictObject({ whenClear: z.boolean().default(false) }),
      ({ whenClear }) => ({ action: 'resolve', whenClear }),
    ),
    route(alerts, 'reopen', 'Take back a resolve', actors, nothing, () => ({ action: 'reopen' })),
    route(
      alerts,
      'assign',
      'Give it to somebody, or to nobody with null',
      actors,
      z.strictObject({ assignee: z.string().min(1).max(128).nullable() }),
      ({ assignee }) => ({ action: 'assign', assignee }),
    ),
    route(
      alerts,
      'comment',
      'Write something to it',
      speakers,
      z.strictObject({ text: z.string().min(1).max(4000) }),
      ({ text }) => ({ action: 'comment', text }),
    ),
    route(
      alerts,
      'feedback',
      'Say whether it was useful',
      speakers,
      z.strictObject({ verdict: z.enum(alertVerdicts) }),
      ({ verdict }) => ({ action: 'feedback', verdict }),
    ),
    route(alerts, 'undo', 'Take back the last step but for comments', actors, nothing, () => ({
      action: 'undo',
    })),
  ];
}

function route<Body extends z.ZodObject>(
  alerts: Pick<AlertRegistry, 'act'>,
  name: string,
  summary: string,
  roles: readonly Role[],
  body: Body,
  actionOf: (given: z.output<Body>) => AlertAction,
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
