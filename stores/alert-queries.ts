import { type Alert, alertStates, alertStatuses } from '../contracts/alert.ts';
import { severities } from '../contracts/event.ts';
import type { Incident } from '../contracts/incident.ts';
import type { WholeIncident } from './incidents.ts';
import {
  type AlertFilter,
  type AlertListRequest,
  type AlertPosition,
  type AlertStats,
  type AlertVisibility,
  type IncidentFilter,
  type IncidentRequest,
  type IncidentStats,
  positionOf,
} from './alert-reader.ts';

/** The page of one tenant's alerts that is asked for. */
export function listAlerts(alerts: readonly Alert[], request: AlertListRequest): readonly Alert[] {
  const { sort, limit, after } = request;
  return alerts
    .filter((alert) => matches(alert, request))
    .map((alert) => ({ alert, position: positionOf(alert, sort) }))
    .filter(({ position }) => after === undefined || compare(after, position) < 0)
    .sort((a, b) => compare(a.position, b.position))
    .slice(0, limit)
    .map(({ alert }) => alert);
}

/** The incidents with a shown alert that are asked for, the highest score first. */
export function listIncidents(
  incidents: readonly WholeIncident[],
  request: IncidentRequest,
): readonly Incident[] {
  return shownIncidents(incidents, request)
    .sort((a, b) => b.score - a.score || (a.incidentId < b.incidentId ? -1 : 1))
    .slice(0, request.limit);
}

/** How many incidents with a shown alert the filter lets through. */
export function incidentStatsOf(incidents: readonly WholeIncident[], filter: IncidentFilter): IncidentStats {
  const found = shownIncidents(incidents, filter);
  return { total: found.length, ...breakdownOf(found) };
}

function shownIncidents(
  incidents: readonly WholeIncident[],
  { statuses, states }: IncidentFilter,
): Incident[] {
  return incidents
    .map(({ incident }) => incident)
    .filter(({ alerts: shown, status, state }) => {
      return shown > 0 && (statuses?.includes(status) ?? true) && (states?.includes(state) ?? true);
    });
}

export function statsOf(alerts: readonly Alert[], filter: AlertFilter): AlertStats {
  const found = alerts.filter((alert) => matches(alert, filter));
  return {
    total: found.length,
    reports: found.reduce((sum, { count }) => sum + count, 0),
    ...breakdownOf(found),
  };
}

function breakdownOf(found: readonly Pick<Alert, 'status' | 'state' | 'severity'>[]) {
  return {
    byStatus: countBy(found, alertStatuses, ({ status }) => status),
    byState: countBy(found, alertStates, ({ state }) => state),
    bySeverity: countBy(found, severities, ({ severity }) => severity),
  };
}

function countBy<Counted, Key extends string>(
  rows: readonly Counted[],
  keys: readonly Key[],
  keyOf: (row: Counted) => Key,
): Record<Key, number> {
  const counts = new Map<Key, number>(keys.map((key) => [key, 0]));
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<Key, number>;
}

function matches(alert: Alert, filter: AlertFilter): boolean {
  const { statuses, states, severities: wanted, deviceId, organizationId } = filter;
  return (
    (statuses?.includes(alert.status) ?? true) &&
    (states?.includes(alert.state) ?? true) &&
    (wanted?.includes(alert.severity) ?? true) &&
    (deviceId === undefined || alert.deviceId === deviceId) &&
    (organizationId === undefined || alert.organizationId === organizationId) &&
    isVisible(alert, filter.visibility ?? 'shown') &&
    (filter.incidentId === undefined || alert.incident?.incidentId === filter.incidentId) &&
    alert.lastEventTimeMs >= (filter.fromMs ?? Number.NEGATIVE_INFINITY) &&
    alert.firstEventTimeMs < (filter.toMs ?? Number.POSITIVE_INFINITY) &&
    alert.score >= (filter.minScore ?? 0) &&
    (filter.search === undefined || alert.title.toLowerCase().includes(filter.search.toLowerCase()))
  );
}

function isVisible({ hidden, review, suppressions }: Alert, wanted: AlertVisibility): boolean {
  if (wanted === 'all') return true;
  return wanted === 'review' ? review && suppressions.length > 0 : hidden === (wanted === 'hidden');
}

function compare(a: AlertPosition, b: AlertPosition): number {
  return b.by - a.by || (a.alertId < b.alertId ? -1 : a.alertId > b.alertId ? 1 : 0);
}
