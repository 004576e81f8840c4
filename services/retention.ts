import { auditTypes } from '../contracts/audit.ts';
import { type RoundsOptions, startRounds } from './rounds.ts';
import { auditRetentionMs, type Settings } from './settings.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** What is older than its retention, and where it is removed from. */
interface Expiring extends ExpiringAlerts {
  /** The embedded event log, which is analytics too. */
  readonly eventLog: { deleteBefore(eventTimeMs: number, except?: readonly string[]): Promise<void> };
}

interface ExpiringAlerts {
  readonly alerts: { deleteBefore(eventTimeMs: number): Promise<unknown> };
  readonly notifications: { readonly outbox: { deleteBefore(timeMs: number): Promise<unknown> } };
  readonly triages: { deleteBefore(timeMs: number): Promise<unknown> };
}

/** Applies it a minute after the start, since a laptop may never be on for an hour, and then every hour. */
export function applyHourly(
  { clock, onFault }: Pick<RoundsOptions, 'clock' | 'onFault'>,
  apply: () => Promise<void>,
): AsyncDisposable {
  const told = (reason: string): void =>
    onFault(`Retention could not be applied and is tried again in an hour: ${reason}`);
  return startRounds({ clock, firstMs: minuteMs, everyMs: hourMs, onFault: told }, apply);
}

/** Removes what is older than the retention: events of what somebody did by theirs, all else by the other. */
export async function applyRetention(
  { eventLog, ...rest }: Expiring,
  settings: Settings,
  nowMs: number,
): Promise<void> {
  const beforeMs = nowMs - settings.OPENFRAME_RETENTION_DAYS * dayMs;
  await eventLog.deleteBefore(beforeMs, auditTypes);
  await eventLog.deleteBefore(nowMs - auditRetentionMs(settings));
  await applyAlertRetention(rest, settings, nowMs);
}

/** Removes alerts that ended, what was told of them, and what was made of their incidents. */
export async function applyAlertRetention(
  { alerts, notifications, triages }: ExpiringAlerts,
  { OPENFRAME_RETENTION_DAYS: days }: Pick<Settings, 'OPENFRAME_RETENTION_DAYS'>,
  nowMs: number,
): Promise<void> {
  const beforeMs = nowMs - days * dayMs;
  await alerts.deleteBefore(beforeMs);
  await notifications.outbox.deleteBefore(beforeMs);
  await triages.deleteBefore(beforeMs);
}
