import { z } from 'zod';

import type { KeptRule } from '../../contracts/alert-rule.ts';
import type { Alert } from '../../contracts/alert.ts';
import { type AlertFilter, alertSorts, type IncidentStats } from '../../stores/alert-reader.ts';
import { type AlertDeed, alertDeeds } from '../questions/alert-actions.ts';
import { alertFilterShape, alertIdLength, alertPage, toAlertFilter } from '../questions/alert-page.ts';
import { requireRole } from '../questions/require-role.ts';
import { toAnswer } from '../rest/alert-answer.ts';
import { textParameter } from '../rest/parameters.ts';
import { type Arguments, pageShape, parseArguments } from './arguments.ts';
import { connectionOf } from './connection.ts';
import type { Resolver } from './resolvers.ts';

const filterSchema = z.strictObject(alertFilterShape);
const alertPageSchema = z.object({ ...pageShape, sort: z.enum(alertSorts).default('score') });
const alertIdSchema = z.object({ alertId: textParameter('', alertIdLength) });

/** The filter of an argument `filter`, held to what REST holds it to. Throws `QUERY_INVALID`. */
export function alertFilterOf({ filter }: Arguments): AlertFilter {
  return toAlertFilter(parseArguments(filterSchema, filter));
}

/** The questions about alerts. */
export const alertQueries: Readonly<Record<string, Resolver<unknown>>> = {
  async alerts(_source, given, { stores, principal }) {
    const filter = alertFilterOf(given);
    const { first, after, sort } = parseArguments(alertPageSchema, given);
    const page = await alertPage(stores.alerts, principal, { filter, sort, limit: first, cursor: after });
    return { ...connectionOf(page, after), filter };
  },
  alert: (_source, given, { stores, principal }) =>
    stores.alerts.get(principal, parseArguments(alertIdSchema, given).alertId),
  alertRules: (_source, _given, { stores, principal }) => stores.rules.list(principal),
  async alertStats(_source, given, { stores, principal }) {
    return countedParts(await stores.alerts.stats(principal, alertFilterOf(given)));
  },
};

/** Counts by status, state and severity, as lists. */
export function countedParts<Stats extends IncidentStats>({ byStatus, byState, bySeverity, ...sums }: Stats) {
  return { ...sums, byStatus: counted(byStatus), byState: counted(byState), bySeverity: counted(bySeverity) };
}

function counted(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([value, count]) => ({ value, count }));
}

/** What people do, by the name of the mutation: those of REST. */
export const alertMutations: Readonly<Record<string, Resolver<unknown>>> = Object.fromEntries(
  alertDeeds.map((deed) => [`${deed.name}Alert`, mutationOf(deed)]),
);

function mutationOf({ roles, actionOf }: AlertDeed): Resolver<unknown> {
  return (_source, given, { stores, principal }) => {
    requireRole(principal, roles);
    const { alertId } = parseArguments(alertIdSchema, given);
    const { alertId: _id, ...rest } = given;
    return stores.alerts.act(principal, alertId, actionOf(rest));
  };
}

export const alertConnectionResolvers: Readonly<Record<string, Resolver<{ readonly filter: AlertFilter }>>> =
  {
    totalCount: async ({ filter }, _given, { stores, principal }) =>
      (await stores.alerts.stats(principal, filter)).total,
  };

export const alertRuleResolvers: Readonly<Record<string, Resolver<KeptRule>>> = {
  changedAt: ({ changedAtMs }) => (changedAtMs === null ? null : new Date(changedAtMs).toISOString()),
};

/** An alert is handed on as the store has it; its times are answered as REST answers them. */
export const alertResolvers: Readonly<Record<string, Resolver<Alert>>> = {
  firstEventTime: (alert) => toAnswer(alert).firstEventTime,
  lastEventTime: (alert) => toAnswer(alert).lastEventTime,
  snoozedUntil: (alert) => toAnswer(alert).snoozedUntil,
  steps: (alert) => toAnswer(alert).steps,
  device: ({ deviceId }, _given, { deviceById }) => (deviceId === null ? null : deviceById.load(deviceId)),
};
