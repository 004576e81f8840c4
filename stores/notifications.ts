import { hash } from 'node:crypto';

import type { Alert, StreamedAlert } from '../contracts/alert.ts';
import { type KeptTarget, keptTargetSchema, type Notification } from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { AlertReader } from './alert-reader.ts';
import type { DocumentStore } from './documents.ts';
import { incidentsOf } from './incidents.ts';
import { createTenantSettings, type TenantSettings } from './tenant-settings.ts';

const collection = 'notifications';
const pendingCollection = 'notifications-pending';
const mostRemembered = 100_000;
const mostListed = 200;
const mostOfIncident = 10_000;
const triesInAll = 16;
const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;

export type TargetSettings = TenantSettings<
  Omit<KeptTarget, 'version' | 'changedAtMs' | 'changedBy'>,
  KeptTarget
>;

export function createTargetSettings(deps: {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
}): TargetSettings {
  return createTenantSettings({
    ...deps,
    ...{ schema: keptTargetSchema, collection: 'notification-targets', noun: 'notification target' },
  });
}

/** How a try to tell a target went. */
export interface Told {
  readonly status: number | null;
  readonly error: string | null;
}

/** What is to be told, kept until it is: one notification for each incident and target, whatever is repeated. */
export interface Outbox {
  /** Takes what the stream says of alerts, after the alert store did. Resolves when it is durable. Idempotent. */
  note(alerts: readonly StreamedAlert[]): Promise<void>;
  /** Those that are due, of all tenants. */
  due(): Promise<readonly (TenantScope & { readonly notification: Notification })[]>;
  /**
   * Takes one try for the caller alone, false where another has it; answers are kept with `settle`. A try whose taker
   * died counts as one without an answer once its pause is over.
   */
  take(scope: TenantScope, notification: Notification): Promise<boolean>;
  settle(scope: TenantScope, notification: Notification, told: Told): Promise<Notification>;
  /** The newest first, at most 200. */
  list(scope: TenantScope): Promise<readonly Notification[]>;
}

export function createOutbox(deps: {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly targets: Pick<TargetSettings, 'current'>;
  readonly alerts: Pick<AlertReader, 'list'>;
}): Outbox {
  const { documents, clock } = deps;
  const remembered = new Set<string>();
  return {
    async note(alerts) {
      const targets = await deps.targets.current();
      for (const alert of alerts) {
        if (alert.hidden || alert.state === 'OK') continue;
        for (const target of targets.of(alert.tenantId).values()) {
          const key = `${alert.tenantId}/${target.targetId}/${alert.alertId}`;
          if (!target.enabled || alert.score < target.minScore || remembered.has(key)) continue;
          await enqueue(deps, target, alert);
          if (remembered.size >= mostRemembered) remembered.clear();
          remembered.add(key);
        }
      }
    },
    async due() {
      const found: (TenantScope & { readonly notification: Notification })[] = [];
      for await (const page of documents.scan<object>(pendingCollection)) {
        for (const { scope, id } of page) {
          const notification = await documents.get<Notification>(scope, collection, id);
          if (notification === null) continue;
          if (notification.state !== 'pending') await documents.delete(scope, pendingCollection, id);
          else if (notification.nextAttemptMs <= clock.nowMs())
            found.push({ tenantId: scope.tenantId, notification });
        }
      }
      return found;
    },
    async take(scope, { notificationId, attempts, ...rest }) {
      const attempt = `${notificationId}:${attempts.length}`;
      if (await documents.insert(scope, 'notification-tries', attempt, { atMs: clock.nowMs() })) return true;
      const lost = { atMs: clock.nowMs(), status: null, error: 'whoever tried is gone without an answer' };
      const taken = await documents.get<{ readonly atMs: number }>(scope, 'notification-tries', attempt);
      if (taken === null || clock.nowMs() - taken.atMs < firstPauseMs * 12) return false;
      await put(documents, scope, { ...rest, notificationId, attempts: [...attempts, lost] });
      return false;
    },
    async settle(scope, notification, told) {
      const settled = after(notification, told, clock.nowMs());
      await put(documents, scope, settled);
      if (settled.state !== 'pending')
        await documents.delete(scope, pendingCollection, settled.notificationId);
      return settled;
    },
    async list(scope) {
      const found = await documents.list<Notification>(scope, collection, { limit: mostOfIncident });
      const newest = found.map(({ document }) => document).sort((a, b) => b.createdMs - a.createdMs);
      return newest.slice(0, mostListed);
    },
  };
}

/** The row that makes it due is there first: what crashes between the two is taken up, not lost. */
async function enqueue(
  { documents, clock, alerts }: Parameters<typeof createOutbox>[0],
  { targetId }: KeptTarget,
  alert: StreamedAlert,
): Promise<void> {
  const scope = { tenantId: alert.tenantId };
  const incidentId = await partOf(alerts, scope, alert);
  const notificationId = hash(
    'sha256',
    `notification/1/${JSON.stringify([targetId, incidentId])}`,
    'hex',
  ).slice(0, 32);
  const { alertId, title, severity, score } = alert;
  const nowMs = clock.nowMs();
  await documents.put(scope, pendingCollection, notificationId, { targetId });
  const notification: Notification = {
    ...{ notificationId, targetId, incidentId, alertId, title, severity, score },
    ...{ state: 'pending', createdMs: nowMs, nextAttemptMs: nowMs, attempts: [] },
  };
  await documents.insert(scope, collection, notificationId, notification);
}

/** The incident's part that the alert is in: what people resolved is told again when it comes again. */
async function partOf(
  alerts: Pick<AlertReader, 'list'>,
  scope: TenantScope,
  { alertId, incident }: StreamedAlert,
): Promise<string> {
  if (incident === null) return alertId;
  const { incidentId } = incident;
  const request = { incidentId, visibility: 'all', sort: 'newest', limit: mostOfIncident } as const;
  const of: readonly Alert[] = await alerts.list(scope, request);
  const part = incidentsOf(of).find((one) => one.alerts.some((alert) => alert.alertId === alertId));
  return part?.incident.incidentId ?? incidentId;
}

function after(notification: Notification, { status, error }: Told, nowMs: number): Notification {
  const attempts = [...notification.attempts, { atMs: nowMs, status, error }];
  const delivered = status !== null && status >= 200 && status < 300;
  // 410: whoever stands there wants no more.
  const failed = !delivered && (status === 410 || attempts.length >= triesInAll);
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts.length - 1));
  const state = delivered ? 'delivered' : failed ? 'failed' : 'pending';
  return { ...notification, attempts, state, nextAttemptMs: nowMs + pauseMs };
}

function put(documents: DocumentStore, scope: TenantScope, notification: Notification): Promise<void> {
  return documents.put(scope, collection, notification.notificationId, notification);
}
