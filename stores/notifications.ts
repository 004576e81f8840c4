import { hash } from 'node:crypto';

import type { Alert, StreamedAlert } from '../contracts/alert.ts';
import {
  isToldTo,
  type KeptTarget,
  keptTargetSchema,
  type Notification,
  type NotificationKind,
} from '../contracts/notification.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { AlertReader } from './alert-reader.ts';
import type { DocumentStore } from './documents.ts';
import { incidentsOf } from './incidents.ts';
import { createTenantSettings, type TenantSettings } from './tenant-settings.ts';

const collection = 'notifications';
const pendingCollection = 'notifications-pending';
const triesCollection = 'notification-tries';
const mostRemembered = 100_000;
const mostListed = 200;
const mostOfIncident = 10_000;
const pageSize = 1_000;
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

/** How a try to tell a target went. `refused`: it is given up, `again`: it is tried again after a pause. */
export interface Told {
  readonly outcome: 'delivered' | 'again' | 'refused';
  readonly status: number | null;
  readonly error: string | null;
}

type Scoped = TenantScope & { readonly notification: Notification };
/** Rows of older versions name no kind. */
interface PendingRow {
  readonly kind?: NotificationKind;
}

/** What is to be told, kept until it is: one notification for each incident and target, whatever is repeated. */
export interface Outbox {
  /** Takes what the stream says of alerts, after the alert store did. Resolves when it is durable. Idempotent. */
  note(alerts: readonly StreamedAlert[]): Promise<void>;
  /** Those of a kind that are due, of all tenants, the tenants in turns. */
  due(kind: NotificationKind): Promise<readonly Scoped[]>;
  /**
   * Takes one try for the caller alone, false where another has it; answers are kept with `settle`. A try whose taker
   * died counts as one without an answer once its pause is over.
   */
  take(scope: TenantScope, notification: Notification): Promise<boolean>;
  settle(scope: TenantScope, notification: Notification, told: Told): Promise<Notification>;
  /** The newest first, at most 200. */
  list(scope: TenantScope): Promise<readonly Notification[]>;
  /** Tells a target that this is a test. Answers what is to be told. */
  test(scope: TenantScope, target: KeptTarget): Promise<Notification>;
  /**
   * Removes what is settled and was made before then, once nothing of its incident is kept any more: as long as an
   * alert can be told again, it is known that it was. Returns how many.
   */
  deleteBefore(timeMs: number): Promise<number>;
}

export function createOutbox(deps: {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly targets: Pick<TargetSettings, 'current'>;
  readonly alerts: Pick<AlertReader, 'get' | 'list'>;
}): Outbox {
  const { documents, clock } = deps;
  const remembered = new Set<string>();
  return {
    async note(alerts) {
      const targets = await deps.targets.current();
      for (const alert of alerts) {
        for (const target of targets.of(alert.tenantId).values()) {
          const key = `${alert.tenantId}/${target.targetId}/${alert.alertId}`;
          if (!target.enabled || !isToldTo(target, alert) || remembered.has(key)) continue;
          await enqueue(deps, target, alert);
          if (remembered.size >= mostRemembered) remembered.clear();
          remembered.add(key);
        }
      }
    },
    due: (kind) => dueOf(deps, kind),
    async take(scope, { notificationId, attempts, ...rest }) {
      const attempt = `${notificationId}:${attempts.length}`;
      if (await documents.insert(scope, triesCollection, attempt, { atMs: clock.nowMs() })) return true;
      const lost = { atMs: clock.nowMs(), status: null, error: 'whoever tried is gone without an answer' };
      const taken = await documents.get<{ readonly atMs: number }>(scope, triesCollection, attempt);
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
      const found: Notification[] = [];
      for await (const page of pagesOf(documents, scope)) found.push(...page);
      return found.sort((a, b) => b.createdMs - a.createdMs).slice(0, mostListed);
    },
    async test(scope, target) {
      const nowMs = clock.nowMs();
      const test = { title: 'A test: nothing is wrong.', severity: 'WARNING', score: 0 } as const;
      const of = { incidentId: `test-${nowMs}`, alertId: `test-${nowMs}`, ...test };
      return write(documents, scope, target, of, nowMs);
    },
    deleteBefore: (timeMs) => deleteBefore(deps, timeMs),
  };
}

async function dueOf(
  { documents, clock }: Parameters<typeof createOutbox>[0],
  kind: NotificationKind,
): Promise<readonly Scoped[]> {
  const found: { readonly turn: number; readonly one: Scoped }[] = [];
  const turns = new Map<string, number>();
  for await (const page of documents.scan<PendingRow>(pendingCollection)) {
    for (const { scope, id, document } of page) {
      if ((document.kind ?? 'webhook') !== kind) continue;
      const notification = await documents.get<Notification>(scope, collection, id);
      if (notification === null) continue;
      if (notification.state !== 'pending') await documents.delete(scope, pendingCollection, id);
      else if (notification.nextAttemptMs <= clock.nowMs()) {
        const turn = turns.get(scope.tenantId) ?? 0;
        turns.set(scope.tenantId, turn + 1);
        found.push({ turn, one: { tenantId: scope.tenantId, notification } });
      }
    }
  }
  return found.sort((a, b) => a.turn - b.turn).map(({ one }) => one);
}

async function* pagesOf(documents: DocumentStore, scope: TenantScope): AsyncGenerator<Notification[]> {
  let afterId = '';
  for (;;) {
    const page = await documents.list<Notification>(scope, collection, { limit: pageSize, afterId });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(({ document }) => document);
    afterId = last.id;
  }
}

async function deleteBefore(
  { documents, alerts }: Parameters<typeof createOutbox>[0],
  timeMs: number,
): Promise<number> {
  let deleted = 0;
  for await (const page of documents.scan<Notification>(collection)) {
    for (const { scope, id, document } of page) {
      const { state, createdMs, alertId, incidentId, attempts } = document;
      if (state === 'pending' || createdMs >= timeMs) continue;
      const of = { incidentId: incidentId.replace(/~\d+$/, ''), visibility: 'all', sort: 'newest' } as const;
      if ((await alerts.get(scope, alertId)) !== null) continue;
      if ((await alerts.list(scope, { ...of, limit: 1 })).length > 0) continue;
      for (const at of attempts.keys()) await documents.delete(scope, triesCollection, `${id}:${at}`);
      await documents.delete(scope, collection, id);
      deleted++;
    }
  }
  return deleted;
}

/** The row that makes it due is there first: what crashes between the two is taken up, not lost. */
async function enqueue(
  { documents, clock, alerts }: Parameters<typeof createOutbox>[0],
  target: KeptTarget,
  alert: StreamedAlert,
): Promise<void> {
  const scope = { tenantId: alert.tenantId };
  const { alertId, title, severity, score } = alert;
  const incidentId = await partOf(alerts, scope, alert);
  await write(documents, scope, target, { incidentId, alertId, title, severity, score }, clock.nowMs());
}

async function write(
  documents: DocumentStore,
  scope: TenantScope,
  { targetId, kind }: KeptTarget,
  about: Pick<Notification, 'incidentId' | 'alertId' | 'title' | 'severity' | 'score'>,
  nowMs: number,
): Promise<Notification> {
  const named = JSON.stringify([targetId, about.incidentId]);
  const notificationId = hash('sha256', `notification/1/${named}`, 'hex').slice(0, 32);
  await documents.put(scope, pendingCollection, notificationId, { targetId, kind });
  const notification: Notification = {
    ...{ notificationId, targetId, kind, ...about },
    ...{ state: 'pending', createdMs: nowMs, nextAttemptMs: nowMs, attempts: [] },
  };
  await documents.insert(scope, collection, notificationId, notification);
  return notification;
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

function after(notification: Notification, { outcome, status, error }: Told, nowMs: number): Notification {
  const attempts = [...notification.attempts, { atMs: nowMs, status, error }];
  const failed = outcome === 'refused' || (outcome === 'again' && attempts.length >= triesInAll);
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts.length - 1));
  const state = outcome === 'delivered' ? 'delivered' : failed ? 'failed' : 'pending';
  return { ...notification, attempts, state, nextAttemptMs: nowMs + pauseMs };
}

function put(documents: DocumentStore, scope: TenantScope, notification: Notification): Promise<void> {
  return documents.put(scope, collection, notification.notificationId, notification);
}
