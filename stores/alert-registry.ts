import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { Alert, AlertStep, StreamedAlert } from '../contracts/alert.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { type AlertAction, alertOf, stepOf } from './alert-life.ts';
import type { AlertReader } from './alert-reader.ts';
import { incidentStatsOf, listAlerts, listIncidents, statsOf } from './alert-queries.ts';
import type { DocumentStore } from './documents.ts';
import { FoldedAlerts } from './folded-alerts.ts';
import { noiseStatsOf } from './noise-stats.ts';
import { stepId } from './step-id.ts';
import { suppressionStatsOf } from './suppression-stats.ts';
import {
  addStep,
  alertsCollection,
  type AskedTenants,
  createAskedTenants,
  fingerprintKey,
  stepsCollection,
  type TenantAlerts,
} from './tenant-alerts.ts';
import { announceStep } from './waiting-feedback.ts';

const mostTries = 20;

/** The alerts of all tenants, kept in a `DocumentStore`; those of tenants that somebody asks for are read from memory. */
export interface AlertRegistry extends AlertReader {
  /** Takes what the stream says, in its order; the last of an alert counts. Resolves when it is durable. Idempotent. */
  save(alerts: readonly StreamedAlert[]): Promise<void>;
  /**
   * Does what somebody wants and answers the alert as it is then; the step is durable, and never changed again: the
   * steps are the audit. Throws `NOT_FOUND`, and as `stepOf` does.
   */
  act(principal: Principal, alertId: string, action: AlertAction): Promise<Alert>;
  /** Removes alerts that ended before then, with their steps. Returns how many. */
  deleteBefore(timeMs: number): Promise<number>;
}

/** `shared`: other processes save and act as well; then what is answered may be a few seconds old. */
export function createAlertRegistry(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly shared?: boolean;
}): AlertRegistry {
  const { documents, clock, shared = false } = deps;
  const tenants = createAskedTenants({ documents, clock, shared });
  const folded = async (scope: TenantScope): Promise<FoldedAlerts> =>
    foldOf(await tenants.of(scope), clock.nowMs());

  return {
    async get(scope, alertId) {
      const of = await tenants.of(scope);
      const streamed = of.alerts.get(alertId);
      return streamed === undefined ? null : answer(of, streamed, clock.nowMs());
    },
    list: async (scope, request) => listAlerts((await folded(scope)).alerts, request),
    stats: async (scope, filter) => statsOf((await folded(scope)).alerts, filter),
    incidents: async (scope, request) => listIncidents((await folded(scope)).incidents, request),
    incidentStats: async (scope, filter) => incidentStatsOf((await folded(scope)).incidents, filter),
    incident: async (scope, incidentId) => {
      const { incidents } = await folded(scope);
      return incidents.find(({ incident }) => incident.incidentId === incidentId) ?? null;
    },
    suppression: async (scope) => suppressionStatsOf((await folded(scope)).alerts),
    noise: async (scope) => noiseStatsOf((await folded(scope)).alerts),
    async save(alerts) {
      const latest = new Map(alerts.map((alert) => [`${alert.tenantId}/${alert.alertId}`, alert]));
      const rows = [...latest.values()].map((alert) => {
        return { scope: { tenantId: alert.tenantId }, id: alert.alertId, document: alert };
      });
      await documents.putAll(alertsCollection, rows);
      for (const [tenantId, of] of Map.groupBy(latest.values(), (alert) => alert.tenantId))
        takeAll(await tenants.known({ tenantId }), of);
    },
    act: async (principal, alertId, action) => {
      return act({ documents, clock }, await tenants.of(principal), principal, alertId, action);
    },
    deleteBefore: async (timeMs) => deleteBefore(documents, tenants, timeMs),
  };
}

function takeAll(of: TenantAlerts | undefined, alerts: readonly StreamedAlert[]): void {
  if (of === undefined) return;
  for (const alert of alerts) of.alerts.set(alert.alertId, alert);
  of.folded = undefined;
}

async function deleteBefore(
  documents: DocumentStore,
  tenants: AskedTenants,
  timeMs: number,
): Promise<number> {
  let deleted = 0;
  for (const [tenantId, alertIds] of await endedBefore(documents, timeMs)) {
    const scope = { tenantId };
    const of = await tenants.of(scope);
    for (const alertId of alertIds) await remove(documents, scope, of, alertId);
    deleted += alertIds.length;
  }
  return deleted;
}

/** By tenant. */
async function endedBefore(
  documents: DocumentStore,
  timeMs: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ended = new Map<string, string[]>();
  for await (const page of documents.scan<StreamedAlert>(alertsCollection)) {
    for (const { scope, id, document } of page) {
      if (document.state !== 'OK' || document.lastEventTimeMs >= timeMs) continue;
      const of = ended.get(scope.tenantId);
      if (of === undefined) ended.set(scope.tenantId, [id]);
      else of.push(id);
    }
    await turnOfEventLoop();
  }
  return ended;
}

async function act(
  { documents, clock }: { readonly documents: DocumentStore; readonly clock: Clock },
  of: TenantAlerts,
  principal: Principal,
  alertId: string,
  action: AlertAction,
): Promise<Alert> {
  const streamed = of.alerts.get(alertId);
  if (streamed === undefined) throw unknownAlert(alertId);
  const scope = { tenantId: principal.tenantId };
  for (let tries = 0; tries < mostTries; tries++) {
    const nowMs = clock.nowMs();
    const step = stepOf(answer(of, streamed, nowMs), action, principal.tokenId, nowMs);
    const at = of.steps.get(alertId)?.length ?? 0;
    const id = stepId(alertId, at);
    await announceStep(documents, scope, id, action, nowMs);
    if (await documents.insert(scope, stepsCollection, id, step)) {
      addStep(of, alertId, at, step);
      return answer(of, streamed, nowMs);
    }
    // Somebody else was first: what was asked is judged again after their step.
    const theirs = await documents.get<AlertStep>(scope, stepsCollection, id);
    if (theirs !== null) addStep(of, alertId, at, theirs);
  }
  throw new OpenFrameError('STORE_UNAVAILABLE', 'Others change this alert all the time: try again.', {
    retryable: true,
  });
}

async function remove(
  documents: DocumentStore,
  scope: TenantScope,
  of: TenantAlerts,
  alertId: string,
): Promise<void> {
  const steps = of.steps.get(alertId) ?? [];
  for (const at of steps.keys()) await documents.delete(scope, stepsCollection, stepId(alertId, at));
  await documents.delete(scope, alertsCollection, alertId);
  of.alerts.delete(alertId);
  of.steps.delete(alertId);
  of.folded = undefined;
}

function foldOf(of: TenantAlerts, nowMs: number): FoldedAlerts {
  if (of.folded?.holdsAt(nowMs) !== true) {
    const alerts = [...of.alerts.values()].map((streamed) => answer(of, streamed, nowMs));
    of.folded = new FoldedAlerts(alerts, nowMs);
  }
  return of.folded;
}

function answer(of: TenantAlerts, streamed: StreamedAlert, nowMs: number): Alert {
  const snoozedUntilMs = of.snoozes.get(fingerprintKey(streamed)) ?? 0;
  return alertOf(streamed, of.steps.get(streamed.alertId) ?? [], snoozedUntilMs, nowMs);
}

function unknownAlert(alertId: string): OpenFrameError {
  return new OpenFrameError('NOT_FOUND', `No alert has the id ${JSON.stringify(alertId.slice(0, 80))}.`, {
    details: { alertId: alertId.slice(0, 80) },
  });
}
