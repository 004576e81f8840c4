import type { AlertState, AlertStatus } from '../../contracts/alert.ts';

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
