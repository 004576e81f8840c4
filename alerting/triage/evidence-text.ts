import type { EvidenceRow } from '../../contracts/triage.ts';
import type { AlertRow, DeviceRow, EdgeRow, EventRow, EvidenceFacts, ReceiptRow } from '../triage.ts';
import { plainLine } from './plain-line.ts';

const lineLength = 400;

/** A row as people read it: one line, and what it leads to. */
export function rowAnswer(row: EvidenceFacts): EvidenceRow {
  const nothing = { alertId: null, deviceId: null, eventId: null, atMs: null };
  const { id, kind } = row;
  return { id, kind, text: plainLine(textOf(row), lineLength), ...nothing, ...aboutOf(row) };
}

function aboutOf(row: EvidenceFacts): Partial<EvidenceRow> {
  switch (row.kind) {
    case 'alert':
      return { alertId: row.alertId, deviceId: row.deviceId, atMs: row.openedMs };
    case 'edge':
      return { alertId: row.alertId };
    case 'receipt':
      return { alertId: row.alertId, atMs: row.fromMs };
    case 'device':
      return { deviceId: row.deviceId, atMs: row.lastSeenMs };
    case 'event':
      return { eventId: row.eventId, deviceId: row.deviceId, atMs: row.atMs };
  }
}

function textOf(row: EvidenceFacts): string {
  switch (row.kind) {
    case 'alert':
      return alertText(row);
    case 'edge':
      return edgeText(row);
    case 'receipt':
      return receiptText(row);
    case 'device':
      return deviceText(row);
    case 'event':
      return eventText(row);
  }
}

function alertText({ severity, score, title, found, reports, reasons }: AlertRow): string {
  const saw = found === null ? '' : `; ${found}`;
  const [why] = reasons;
  return `${severity}, score ${score}: ${title}${saw}; ${reports === 1 ? 'one report' : `${reports} reports`}${why === undefined ? '' : `; ${why}`}`;
}

function edgeText({ relation, gapMs }: EdgeRow): string {
  const relations = {
    'same-device': 'of the same device',
    'same-trouble-in-organization': 'of the same trouble on another device of the organization',
    parent: 'of the site or the device that it depends on',
  };
  return `opened ${Math.round(gapMs / 1000)} s after another alert ${relations[relation]}`;
}

function receiptText({ by, ended }: ReceiptRow): string {
  const reasons = {
    window: 'out of sight by a maintenance window',
    parent: 'out of sight as what it depends on gives no sign of life',
    habit: 'out of sight as it is usual then',
  };
  const endings = {
    over: 'it was over meanwhile',
    'goes-on': 'it went on',
    reported: 'it was reported where that does not hold',
  };
  return `${reasons[by]}${ended === null ? '' : `; ${endings[ended]}`}`;
}

function deviceText({ hostname, deviceId, organizationName, online, os }: DeviceRow): string {
  const parts = [hostname ?? deviceId, organizationName, os, online ? 'online' : 'offline'];
  return parts.filter((part) => part !== null).join(', ');
}

function eventText({ severity, eventType, summary, change }: EventRow): string {
  return `${change ? 'A change before: ' : ''}${severity} ${eventType}: ${summary}`;
}
