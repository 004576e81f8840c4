import { auditTypes } from '../contracts/audit.ts';
import { auditRetentionMs, type Settings } from './settings.ts';

const dayMs = 86_400_000;

/** What is older than its retention, and where it is removed from. */
interface Expiring {
  /** The embedded event log, which is analytics too. */
  readonly eventLog: { deleteBefore(eventTimeMs: number, except?: readonly string[]): Promise<void> };
  readonly alerts: { deleteBefore(eventTimeMs: number): Promise<unknown> };
}

/** Removes what is older than the retention: events of what somebody did by theirs, all else by the other. */
export async function applyRetention(
  { eventLog, alerts }: Expiring,
  settings: Settings,
  nowMs: number,
): Promise<void> {
  const beforeMs = nowMs - settings.OPENFRAME_RETENTION_DAYS * dayMs;
  await eventLog.deleteBefore(beforeMs, auditTypes);
  await eventLog.deleteBefore(nowMs - auditRetentionMs(settings));
  await alerts.deleteBefore(beforeMs);
}
