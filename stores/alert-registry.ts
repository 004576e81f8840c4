import type { Alert, AlertStep, StreamedAlert } from '../contracts/alert.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { type AlertAction, alertOf, lifeOf, stepOf } from './alert-life.ts';
import type { AlertReader } from './alert-reader.ts';
import { incidentStatsOf, listAlerts, listIncidents, statsOf } from './alert-queries.ts';
import type { DocumentStore } from './documents.ts';
import { FoldedAlerts } from './folded-alerts.ts';
import { noiseStatsOf } from './noise-stats.ts';
import { readStepId, stepId } from './step-id.ts';
import { suppressionStatsOf } from './suppression-stats.ts';
import { announceStep } from './waiting-feedback.ts';

const alertsCollection = 'alerts';
const stepsCollection = 'alert-steps';
/** So old may be what a shared registry answers from memory. */
const refreshMs = 2_000;
const mostTries = 20;
/** Members that alerts of older versions lack. */
const later = {
  ...{ rule: null, incident: null, hidden: false, suppressions: [], review: false, flaps: 0 },
  circumstance: null,
};

const laterOfScorer = { model: 0 };
const laterOfReceipts = { usualUntilMs: null, ended: null };

/** The alerts of all tenants, kept in a `DocumentStore` and read from memory. */
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

interface TenantAlerts {
  readonly alerts: Map<string, StreamedAlert>;
  readonly steps: Map<string, AlertStep[]>;
  /** By fingerprint until when alerts of it are snoozed: the next one of the same trouble is as well. */
  readonly snoozes: Map<string, number>;
  /** What they come to, since somebody asked; undefined since one changed. */
  folded: FoldedAlerts | undefined;
}

/** `shared`: other processes save and act as well; then what is answered may be a few seconds old. */
export function createAlertRegistry(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly shared?: boolean;
}): AlertRegistry {
  const { documents, clock, shared = false } = deps;
  let loading: Promise<Map<string, TenantAlerts>> | undefined;
  let loadedAtMs = 0;
  const tenants = (): Promise<Map<string, TenantAlerts>> => {
    if (loading === undefined) {
      loadedAtMs = clock.nowMs();
      loading = loadAll(documents).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
    }
    return loading;
  };
  const ofTenant = async (scope: TenantScope): Promise<TenantAlerts> => {
    if (shared && clock.nowMs() - loadedAtMs >= refreshMs) loading = undefined;
    return tenantIn(await tenants(), scope.tenantId);
  };
  const folded = async (scope: TenantScope): Promise<FoldedAlerts> =>
    foldOf(await ofTenant(scope), clock.nowMs());

  return {
    async get(scope, alertId) {
      const of = await ofTenant(scope);
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
      const known = await tenants();
      for (const alert of latest.values()) {
        const of = tenantIn(known, alert.tenantId);
        of.alerts.set(alert.alertId, alert);
        of.folded = undefined;
      }
    },
    act: async (principal, alertId, action) => {
      return act({ documents, clock }, await ofTenant(principal), principal, alertId, action);
    },
    deleteBefore: async (timeMs) => deleteBefore(documents, await tenants(), timeMs),
  };
}

async function deleteBefore(
  documents: DocumentStore,
  tenants: ReadonlyMap<string, TenantAlerts>,
  timeMs: number,
): Promise<number> {
  let deleted = 0;
  for (const [tenantId, of] of tenants) {
    const ended = [...of.alerts.values()].filter((alert) => alert.state === 'OK');
    for (const { alertId, lastEventTimeMs } of ended) {
      if (lastEventTimeMs >= timeMs) continue;
      await remove(documents, { tenantId }, of, alertId);
      deleted++;
    }
  }
  return deleted;
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

async function loadAll(documents: DocumentStore): Promise<Map<string, TenantAlerts>> {
  const tenants = new Map<string, TenantAlerts>();
  for await (const page of documents.scan<StreamedAlert>(alertsCollection)) {
    for (const { scope, id, document } of page)
      tenantIn(tenants, scope.tenantId).alerts.set(id, withReceipts({ ...later, ...document }));
  }
  for await (const page of documents.scan<AlertStep>(stepsCollection)) {
    for (const { scope, id, document } of page) {
      const { alertId, at } = readStepId(id);
      addStep(tenantIn(tenants, scope.tenantId), alertId, at, document);
    }
  }
  return tenants;
}

function withReceipts(alert: StreamedAlert): StreamedAlert {
  const suppressions = alert.suppressions.map((receipt) => ({ ...laterOfReceipts, ...receipt }));
  return { ...alert, suppressions, scorer: { ...laterOfScorer, ...alert.scorer } };
}

function tenantIn(tenants: Map<string, TenantAlerts>, tenantId: string): TenantAlerts {
  let of = tenants.get(tenantId);
  if (of === undefined)
    tenants.set(
      tenantId,
      (of = { alerts: new Map(), steps: new Map(), snoozes: new Map(), folded: undefined }),
    );
  return of;
}

function addStep(of: TenantAlerts, alertId: string, at: number, step: AlertStep): void {
  of.folded = undefined;
  let steps = of.steps.get(alertId);
  if (steps === undefined) of.steps.set(alertId, (steps = []));
  steps[at] = step;
  const streamed = of.alerts.get(alertId);
  if (streamed === undefined || (step.action !== 'snooze' && step.action !== 'undo')) return;
  of.snoozes.set(fingerprintKey(streamed), lifeOf(steps).snoozedUntilMs ?? 0);
}

function fingerprintKey({ fingerprint: { ruleId, version, fields } }: StreamedAlert): string {
  const parts = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([ruleId, version, parts]);
}

function unknownAlert(alertId: string): OpenFrameError {
  return new OpenFrameError('NOT_FOUND', `No alert has the id ${JSON.stringify(alertId.slice(0, 80))}.`, {
    details: { alertId: alertId.slice(0, 80) },
  });
}
