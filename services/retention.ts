import { auditTypes } from '../contracts/audit.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Clock } from '../streams/clock.ts';
import { auditRetentionMs, type Settings } from './settings.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

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

export interface HourlyOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly onFault: (message: string) => void;
}

/**
 * Runs `apply` an hour after the start and after each end of it, until it is disposed of, which waits for the one in
 * hand: the stores may be closed then. A failure is told and the next hour's try comes.
 */
export function everyHour({ clock, onFault }: HourlyOptions, apply: () => Promise<void>): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(hourMs, signal);
      if (signal.aborted) return;
      try {
        await apply();
      } catch (error) {
        onFault(`Retention could not be applied and is tried again in an hour: ${messageOf(error)}`);
      }
    }
  };
  const done = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await done;
    },
  };
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
