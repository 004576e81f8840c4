import { z } from 'zod';

import { type Alert, alertStates, alertStatuses } from '../../contracts/alert.ts';
import { severitySchema } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import {
  type AlertFilter,
  type AlertReader,
  type AlertSort,
  alertVisibilities,
  positionOf,
} from '../../stores/alert-reader.ts';
import { decodeCursor, encodeCursor, questionOf } from '../rest/cursor.ts';
import {
  choiceParameter,
  listParameter,
  textParameter,
  timeParameter,
  wholeNumberParameter,
} from '../rest/parameters.ts';
import type { Page } from './event-page.ts';

export const alertIdLength = 64;
const positionSchema = z.strictObject({ by: z.number(), alertId: z.string().max(alertIdLength) });

/** The parameters that choose alerts: the same wherever alerts are asked for. */
export const alertFilterShape = {
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
  visibility: choiceParameter(
    'Shown, kept out of sight, hidden and chosen for review, or all.',
    alertVisibilities,
  ).default('shown'),
  incidentId: textParameter('Alerts of one incident of the stream.', alertIdLength).optional(),
};

/** The filter that the parameters ask for. */
export function toAlertFilter<
  Query extends { readonly from?: number | undefined; readonly to?: number | undefined },
>(query: Query) {
  const { from: fromMs, to: toMs, ...rest } = query;
  return { ...rest, fromMs, toMs };
}

export interface AlertPageQuestion {
  readonly filter: AlertFilter;
  readonly sort: AlertSort;
  /** 1 or more. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of the tenant's alerts in the order of `sort`. Throws `CURSOR_INVALID`. */
export async function alertPage(
  alerts: AlertReader,
  scope: TenantScope,
  { filter, sort, limit, cursor }: AlertPageQuestion,
): Promise<Page<Alert>> {
  const question = questionOf(scope, 'alerts', { ...filter, sort });
  const after = cursor === undefined ? undefined : decodeCursor(cursor, question, positionSchema);
  const found = await alerts.list(scope, { ...filter, sort, limit: limit + 1, after });
  return {
    items: found.slice(0, limit),
    more: found.length > limit,
    cursorOf: (alert) => encodeCursor(question, positionOf(alert, sort)),
  };
}
