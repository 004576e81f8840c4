import { type Alert, type AlertState, alertStates, type AlertStatus } from '../contracts/alert.ts';
import { severities } from '../contracts/event.ts';
import type { Incident } from '../contracts/incident.ts';

const mostDevices = 100;

/** An incident with its alerts, in the order they opened. */
export interface WholeIncident {
  readonly incident: Incident;
  readonly alerts: readonly Alert[];
}

/**
 * What alerts come to as incidents. The stream relates alerts; what people resolved is not taken up again: an alert
 * that opens after all before it were resolved begins the incident's next part.
 */
export function incidentsOf(alerts: readonly Alert[]): readonly WholeIncident[] {
  const byId = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const id = alert.incident?.incidentId ?? alert.alertId;
    const of = byId.get(id);
    if (of === undefined) byId.set(id, [alert]);
    else of.push(alert);
  }
  return [...byId].flatMap(([id, of]) =>
    partsOf(of).map((part, i) => ({ incident: summed(i === 0 ? id : `${id}~${i + 1}`, part), alerts: part })),
  );
}

function partsOf(alerts: readonly Alert[]): readonly (readonly Alert[])[] {
  const ordered = [...alerts].sort((a, b) => a.firstEventTimeMs - b.firstEventTimeMs);
  const parts: Alert[][] = [];
  for (const alert of ordered) {
    const part = parts.at(-1);
    if (part === undefined || part.every((one) => resolvedMs(one) < alert.firstEventTimeMs))
      parts.push([alert]);
    else part.push(alert);
  }
  return parts;
}

/** When people resolved it, or said that it is to be once it is clear; never where it is not resolved. */
function resolvedMs({ status, steps }: Alert): number {
  if (status !== 'RESOLVED') return Number.POSITIVE_INFINITY;
  return steps.findLast(({ action }) => action.startsWith('resolve'))?.atMs ?? Number.POSITIVE_INFINITY;
}

function summed(incidentId: string, alerts: readonly Alert[]): Incident {
  const shown = alerts.filter(({ hidden }) => !hidden);
  const counted = shown.length > 0 ? shown : alerts;
  const top = counted.reduce((best, alert) => (alert.score > best.score ? alert : best));
  const worst = counted.reduce((a, b) =>
    severities.indexOf(b.severity) > severities.indexOf(a.severity) ? b : a,
  );
  const distinct = (ids: readonly (string | null)[]): string[] =>
    [...new Set(ids.filter((id) => id !== null))].slice(0, mostDevices);
  return {
    incidentId,
    title: top.title,
    severity: worst.severity,
    score: shown.length > 0 ? top.score : 0,
    state: stateOf(counted.map(({ state }) => state)),
    status: statusOf(counted.map(({ status }) => status)),
    alerts: shown.length,
    hidden: alerts.length - shown.length,
    hosts: counted.reduce((sum, { hosts }) => sum + hosts, 0),
    deviceIds: distinct(counted.map(({ deviceId }) => deviceId)),
    organizationIds: distinct(counted.map(({ organizationId }) => organizationId)),
    firstEventTimeMs: Math.min(...counted.map(({ firstEventTimeMs }) => firstEventTimeMs)),
    lastEventTimeMs: Math.max(...counted.map(({ lastEventTimeMs }) => lastEventTimeMs)),
  };
}

/** It is as the worst of its alerts is: it is OK only when all are. */
function stateOf(states: readonly AlertState[]): AlertState {
  return alertStates.find((state) => states.includes(state)) ?? 'OK';
}

/** Open as long as one is that nobody has taken. */
function statusOf(statuses: readonly AlertStatus[]): AlertStatus {
  const order = ['OPEN', 'ACKNOWLEDGED', 'SNOOZED', 'RESOLVED'] as const;
  return order.find((status) => statuses.includes(status)) ?? 'RESOLVED';
}
