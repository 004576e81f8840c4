import { hash } from 'node:crypto';

import type { Alert } from '../../contracts/alert.ts';
import { auditTypes } from '../../contracts/audit.ts';
import type { Device } from '../../contracts/device.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import type { AlertReader } from '../../stores/alert-reader.ts';
import type { DeviceRegistry } from '../../stores/device-registry.ts';
import type { EvidenceFacts, IncidentEvidence } from '../triage.ts';

/** How much of an incident is looked at. Rows are small, so that the whole is a few pages of text. */
const most = { alerts: 30, devices: 8, devicesWithEvents: 4, troubles: 6, changes: 3, bytes: 40_000 };
const textLength = 200;
const minuteMs = 60_000;
const troubleBeforeMs = 15 * minuteMs;
const changeBeforeMs = 60 * minuteMs;
const weightyTerms = 2;

/** What is asked for in the hour before: what somebody did to a device, but for signing in and looking. */
const changeTypes = auditTypes.filter((type) =>
  /^(SOFTWARE|SCRIPT|COMMAND|TASK|POLICY|CONFIGURATION|PROFILE|PACK|AUTOMATION|BATCH|DISK_ENCRYPTION|HOST)_/.test(
    type,
  ),
);

export interface EvidenceSources {
  readonly alerts: Pick<AlertReader, 'incident'>;
  readonly devices: Pick<DeviceRegistry, 'get'>;
  readonly analytics: Pick<Analytics, 'events'>;
}

/** The evidence of an incident; null where this tenant has none of that id. Reads a few pages of events. */
export async function gatherEvidence(
  { alerts: reader, devices, analytics }: EvidenceSources,
  scope: TenantScope,
  incidentId: string,
): Promise<IncidentEvidence | null> {
  const found = await reader.incident(scope, incidentId);
  if (found === null) return null;
  const alerts = weightiest(found.alerts);
  const deviceIds = [...new Set(alerts.flatMap(({ deviceId }) => deviceId ?? []))].slice(0, most.devices);
  const known = await Promise.all(deviceIds.map((id) => devices.get(scope, id)));
  const events = await eventsAround(analytics, scope, alerts, deviceIds.slice(0, most.devicesWithEvents));
  const numbered = numbering();
  const all = [
    ...alerts.flatMap((alert) => alertRows(alert, numbered)),
    ...known.flatMap((device) => (device === null ? [] : [deviceRow(device, numbered('D'))])),
    ...events.map(({ event, change }) => eventRow(event, change, numbered('E'))),
  ];
  const rows = withinBytes(all);
  const leftOut = found.alerts.length - alerts.length + all.length - rows.length;
  return { incidentId, rows, leftOut, hash: hash('sha256', JSON.stringify([rows, leftOut]), 'hex') };
}

function numbering(): (letter: string) => string {
  const counts = new Map<string, number>();
  return (letter) => {
    const next = (counts.get(letter) ?? 0) + 1;
    counts.set(letter, next);
    return `${letter}${next}`;
  };
}

/** The shown alerts of the highest scores, in the order all opened. The first is always among them. */
function weightiest(alerts: readonly Alert[]): readonly Alert[] {
  const weight = (alert: Alert, at: number): number =>
    at === 0 ? Infinity : alert.hidden ? -1 : alert.score;
  const chosen = alerts
    .map((alert, at) => ({ alert, weight: weight(alert, at) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most.alerts);
  const kept = new Set(chosen.map(({ alert }) => alert));
  return alerts.filter((alert) => kept.has(alert));
}

function alertRows(alert: Alert, numbered: (letter: string) => string): readonly EvidenceFacts[] {
  const { alertId, incident, suppressions } = alert;
  const edge = incident?.edge ?? null;
  return [
    alertRow(alert, numbered('A')),
    ...(edge === null
      ? []
      : [
          {
            ...{ id: numbered('X'), kind: 'edge' as const, alertId, relation: edge.kind },
            ...{ toAlertId: edge.alertId, gapMs: edge.gapMs },
          },
        ]),
    ...suppressions.slice(-2).map(({ by, windowId, parentAlertId, fromMs, toMs, ended }) => {
      const receipt = { by, windowId, parentAlertId, fromMs, toMs, ended };
      return { id: numbered('H'), kind: 'receipt' as const, alertId, ...receipt };
    }),
  ];
}

function alertRow(alert: Alert, id: string): EvidenceFacts {
  const { alertId, severity, state, status, hidden, flaps, hosts, deviceId, rule } = alert;
  const weighty = [...alert.terms].sort((a, b) => b.points - a.points).slice(0, weightyTerms);
  return {
    ...{ id, kind: 'alert', alertId, severity, state, status, hidden, flaps, hosts, deviceId },
    title: cut(alert.title),
    score: Math.round(alert.score),
    reports: twoDigits(alert.count),
    openedMs: alert.firstEventTimeMs,
    lastMs: state === 'OK' ? alert.lastEventTimeMs : null,
    ruleId: rule?.ruleId ?? null,
    found: rule === null ? null : cut(rule.summary),
    reasons: weighty.map(({ reason }) => reason),
  };
}

function deviceRow(device: Device, id: string): EvidenceFacts {
  const { deviceId, hostname, organizationName, status, lastSeen, inventory } = device;
  const online = status === 'ONLINE';
  return {
    ...{ id, kind: 'device', deviceId, online },
    hostname: hostname === null ? null : cut(hostname),
    organizationName: organizationName === null ? null : cut(organizationName),
    lastSeenMs: online ? null : Date.parse(lastSeen),
    os: inventory?.os === undefined ? null : cut(`${inventory.os.name} ${inventory.os.version}`),
  };
}

function eventRow(event: StoredEvent, change: boolean, id: string): EvidenceFacts {
  const { eventId, deviceId, eventType, severity, summary, eventTime } = event;
  const atMs = Date.parse(eventTime);
  return {
    ...{ id, kind: 'event', eventId, deviceId, atMs, severity, change },
    ...{ eventType: cut(eventType), summary: cut(summary) },
  };
}

/** The first troubles that devices reported from a little before on, and what was changed on them in the hour before. */
async function eventsAround(
  analytics: Pick<Analytics, 'events'>,
  scope: TenantScope,
  alerts: readonly Alert[],
  deviceIds: readonly string[],
): Promise<readonly { readonly event: StoredEvent; readonly change: boolean }[]> {
  const fromMs = Math.min(...alerts.map(({ firstEventTimeMs }) => firstEventTimeMs));
  const toMs = Math.max(...alerts.map(({ lastEventTimeMs }) => lastEventTimeMs)) + 1;
  const found = await Promise.all(
    deviceIds.flatMap((deviceId) => [
      analytics.events(scope, {
        filter: { deviceId, fromMs: fromMs - changeBeforeMs, toMs: fromMs, eventTypes: changeTypes },
        ...{ sort: 'desc', limit: most.changes },
      }),
      analytics.events(scope, {
        filter: {
          deviceId,
          fromMs: fromMs - troubleBeforeMs,
          toMs,
          severities: ['WARNING', 'ERROR', 'CRITICAL'],
        },
        ...{ sort: 'asc', limit: most.troubles },
      }),
    ]),
  );
  const byId = new Map<string, { readonly event: StoredEvent; readonly change: boolean }>();
  for (const [i, events] of found.entries()) {
    for (const event of events)
      if (!byId.has(event.eventId)) byId.set(event.eventId, { event, change: i % 2 === 0 });
  }
  return [...byId.values()].sort(
    (a, b) =>
      Date.parse(a.event.eventTime) - Date.parse(b.event.eventTime) ||
      (a.event.eventId < b.event.eventId ? -1 : 1),
  );
}

/** The first rows that fit: what text there is of the last ones cannot push out the first. */
function withinBytes(rows: readonly EvidenceFacts[]): readonly EvidenceFacts[] {
  let left = most.bytes;
  return rows.filter((row) => {
    const bytes = Buffer.byteLength(JSON.stringify(row));
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

function cut(text: string): string {
  return text.length <= textLength ? text : `${text.slice(0, textLength - 1)}…`;
}

function twoDigits(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}
