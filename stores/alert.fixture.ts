import type { StreamedAlert } from '../contracts/alert.ts';

export const alertTimeMs = Date.parse('2026-01-31T08:00:00Z');

/** An alert as the stream says it, numbered so that each is another trouble. */
export function streamedAlert(number: number, changes: Partial<StreamedAlert> = {}): StreamedAlert {
  return {
    alertId: `a${number}`,
    tenantId: 'acme',
    state: 'FIRING',
    severity: 'ERROR',
    title: `trouble ${number}`,
    score: number,
    terms: [{ name: 'rare-kind', value: 1, weight: 1, points: number, reason: 'never seen before' }],
    scorer: { name: 'statistical', version: 1, model: 0 },
    circumstance: null,
    fingerprint: { ruleId: 'event-severity', version: 1, fields: { name: `trouble ${number}`, host: 'd1' } },
    rule: null,
    incident: { incidentId: `a${number}`, edge: null },
    ...{ hidden: false, suppressions: [], review: false, flaps: 0 },
    deviceId: 'd1',
    organizationId: 'org-1',
    count: 1,
    hosts: 1,
    firstEventTimeMs: alertTimeMs,
    lastEventTimeMs: alertTimeMs + number * 1000,
    ...changes,
  };
}

/** Out of sight by a window, from the first moment on. */
export function hiddenByWindow(score: number) {
  return {
    by: 'window',
    policyVersion: 1,
    windowId: 'w',
    windowVersion: 1,
    parentAlertId: null,
    usualUntilMs: null,
    ended: null,
    fromMs: 0,
    toMs: null,
    score,
  } as const;
}
