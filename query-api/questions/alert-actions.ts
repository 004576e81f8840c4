import { z } from 'zod';

import { alertVerdicts } from '../../contracts/alert.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { AlertAction } from '../../stores/alert-life.ts';
import { parseBody } from '../rest/parse-request.ts';

/** Who may act on alerts. An analyst reads them, says what they think, and changes nothing. */
const actors: readonly Role[] = ['technician', 'operator', 'admin'];
const speakers: readonly Role[] = [...actors, 'analyst'];

/** One thing that people do with an alert: who may, what it takes, and the action that it is. */
export interface AlertDeed {
  readonly name: string;
  readonly summary: string;
  readonly roles: readonly Role[];
  /** What is given with it. Changes nothing that it lets through. */
  readonly body: z.ZodObject;
  /** Throws `ARGUMENT_INVALID` where what is given is not as `body` says. */
  actionOf(given: unknown): AlertAction;
}

const nothing = z.strictObject({});

/** The actions, as REST and GraphQL offer them. */
export const alertDeeds: readonly AlertDeed[] = [
  deed('acknowledge', 'Say that somebody looks at it', actors, nothing, () => ({ action: 'acknowledge' })),
  deed(
    'snooze',
    'Keep it, and the next of the same trouble, out of sight for a time; survives a resolve',
    actors,
    z.strictObject({
      until: z.iso.datetime({ offset: true, error: () => 'must be an RFC 3339 time with a zone' }),
    }),
    ({ until }) => ({ action: 'snooze', untilMs: Date.parse(until) }),
  ),
  deed(
    'resolve',
    'Say that it is over; refused with ALERT_STILL_FIRING while it is not, unless whenClear',
    actors,
    z.strictObject({ whenClear: z.boolean().default(false) }),
    ({ whenClear }) => ({ action: 'resolve', whenClear }),
  ),
  deed('reopen', 'Take back a resolve', actors, nothing, () => ({ action: 'reopen' })),
  deed(
    'assign',
    'Give it to somebody, or to nobody with null',
    actors,
    z.strictObject({ assignee: z.string().min(1).max(128).nullable() }),
    ({ assignee }) => ({ action: 'assign', assignee }),
  ),
  deed(
    'comment',
    'Write something to it',
    speakers,
    z.strictObject({ text: z.string().min(1).max(4000) }),
    ({ text }) => ({ action: 'comment', text }),
  ),
  deed(
    'feedback',
    'Say whether it was useful',
    speakers,
    z.strictObject({ verdict: z.enum(alertVerdicts) }),
    ({ verdict }) => ({ action: 'feedback', verdict }),
  ),
  deed('undo', 'Take back the last step but for comments', actors, nothing, () => ({ action: 'undo' })),
];

function deed<Body extends z.ZodObject>(
  name: string,
  summary: string,
  roles: readonly Role[],
  body: Body,
  actionOf: (given: z.output<Body>) => AlertAction,
): AlertDeed {
  return { name, summary, roles, body, actionOf: (given) => actionOf(parseBody(body, given)) };
}
