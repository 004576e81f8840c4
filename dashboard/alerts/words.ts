import type { AlertState, AlertStatus, IncidentEdge, Suppression } from '../../contracts/alert.ts';
import type { EvidenceRow } from '../../contracts/triage.ts';
import type { ListedAlert } from '../api/answers.ts';

export const statusLabels: Readonly<Record<AlertStatus, string>> = {
  OPEN: 'Open',
  ACKNOWLEDGED: 'Acknowledged',
  SNOOZED: 'Snoozed',
  RESOLVED: 'Resolved',
};

export const stateLabels: Readonly<Record<AlertState, string>> = {
  FIRING: 'Still firing',
  LATE: 'Its device is late',
  NO_DATA: 'No data',
  OK: 'Clear',
};

const hourMs = 3_600_000;
export const snoozes = [
  { forMs: hourMs, words: '1 hour' },
  { forMs: 4 * hourMs, words: '4 hours' },
  { forMs: 24 * hourMs, words: '1 day' },
  { forMs: 168 * hourMs, words: '7 days' },
] as const;

export const edgeLabels: Readonly<Record<IncidentEdge['kind'], string>> = {
  'same-device': 'On the same device, shortly after',
  'same-trouble-in-organization': 'The same trouble in the organization, shortly after',
  parent: 'Follows from its site or parent, after',
};

/** Why an alert is or was kept out of sight. */
export function hiddenWords({ hidden, suppressions }: Pick<ListedAlert, 'hidden' | 'suppressions'>): string {
  const last = suppressions.at(-1);
  if (last === undefined) return 'Never';
  const why = reasons[last.by](last);
  const end = last.ended === null ? '' : `; ${endings[last.ended]}`;
  return `${hidden ? 'Now' : 'Before'}: ${why}${end}; it had a score of ${last.score.toFixed(0)}`;
}

const reasons: Readonly<Record<Suppression['by'], (receipt: Suppression) => string>> = {
  window: ({ windowId, windowVersion }) =>
    `the maintenance window ${windowId ?? ''}, version ${windowVersion ?? 0}`,
  parent: ({ parentAlertId }) =>
    parentAlertId === null
      ? 'what it depends on is late too'
      : `what it depends on gives no sign of life, as alert ${parentAlertId.slice(0, 8)} says`,
  habit: ({ usualUntilMs, fromMs }) =>
    usualUntilMs === null
      ? 'it comes on its device on most days, and no more often than before'
      : `its device is often silent then, and is missed after ${Math.round((usualUntilMs - fromMs) / hourMs)} h`,
};

const endings: Readonly<Record<NonNullable<Suppression['ended']>, string>> = {
  over: 'it was over while it was out of sight',
  'goes-on': 'it went on, so it was shown',
  reported: 'it was reported where that does not hold, so it was shown',
};

export const evidenceLabels: Readonly<Record<EvidenceRow['kind'], string>> = {
  alert: 'Alert',
  edge: 'What relates an alert to another',
  receipt: 'Why an alert was out of sight',
  device: 'Device',
  event: 'Event',
};
