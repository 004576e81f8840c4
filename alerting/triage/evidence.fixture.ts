import { hash } from 'node:crypto';

import { alertTimeMs } from '../../stores/alert.fixture.ts';
import type { AlertRow, EvidenceFacts, IncidentEvidence } from '../triage.ts';

export const beganMs = alertTimeMs;

/** A row of an alert that goes on, found by no rule; numbered so that each is of another device. */
export function alertRow(number: number, changes: Partial<AlertRow> = {}): AlertRow {
  return {
    ...{ id: `A${number}`, kind: 'alert', alertId: `a${number}`, deviceId: `d${number}` },
    ...{ title: `trouble ${number}`, severity: 'ERROR', state: 'FIRING', status: 'OPEN' },
    ...{ hidden: false, flaps: 0, hosts: 1, score: 50, reports: 3 },
    ...{ openedMs: beganMs + number * 1000, lastMs: null, ruleId: null, found: null, reasons: [] },
    ...changes,
  };
}

export function evidenceOf(rows: readonly EvidenceFacts[], incidentId = 'a1'): IncidentEvidence {
  return { incidentId, rows, leftOut: 0, hash: hash('sha256', JSON.stringify(rows), 'hex') };
}
