import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { AlertStep, StreamedAlert } from '../contracts/alert.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { lifeOf } from './alert-life.ts';
import type { DocumentStore } from './documents.ts';
import type { FoldedAlerts } from './folded-alerts.ts';
import { readStepId } from './step-id.ts';

export const alertsCollection = 'alerts';
export const stepsCollection = 'alert-steps';
/** So old may be what a shared registry answers from memory. */
const refreshMs = 2_000;
/** Nobody asked for a tenant's alerts for so long: they are read again for the next one who does. */
const idleMs = 600_000;
const pageSize = 500;
/** Members that alerts of older versions lack. */
const later = {
  ...{ rule: null, incident: null, hidden: false, suppressions: [], review: false, flaps: 0 },
  circumstance: null,
};
const laterOfScorer = { model: 0 };
const laterOfReceipts = { usualUntilMs: null, ended: null };

/** One tenant's alerts in memory. */
export interface TenantAlerts {
  readonly alerts: Map<string, StreamedAlert>;
  readonly steps: Map<string, AlertStep[]>;
  /** By fingerprint until when alerts of it are snoozed: the next one of the same trouble is as well. */
  readonly snoozes: Map<string, number>;
  /** What they come to, since somebody asked; undefined since one changed. */
  folded: FoldedAlerts | undefined;
}

/** The alerts of the tenants that somebody asks for. */
export interface AskedTenants {
  /** The tenant's alerts, read where they are not in memory. */
  of(scope: TenantScope): Promise<TenantAlerts>;
  /** Those in memory; undefined where nobody asked for them of late. */
  known(scope: TenantScope): Promise<TenantAlerts> | undefined;
}

interface Asked {
  readonly alerts: Promise<TenantAlerts>;
  readonly readAtMs: number;
  isReading: boolean;
  askedAtMs: number;
}

/**
 * Keeps a tenant's alerts in memory from when somebody asks for them until nobody did for ten minutes: what nobody looks
 * at takes none, however many fire. `shared`: other processes change them as well, so they are read every 2 s while
 * somebody asks.
 */
export function createAskedTenants(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly shared: boolean;
}): AskedTenants {
  const { documents, clock, shared } = deps;
  const asked = new Map<string, Asked>();
  const read = (scope: TenantScope, nowMs: number): Asked => {
    const alerts = load(documents, scope);
    const one: Asked = { alerts, readAtMs: nowMs, isReading: true, askedAtMs: nowMs };
    asked.set(scope.tenantId, one);
    alerts.then(
      () => (one.isReading = false),
      () => asked.delete(scope.tenantId),
    );
    return one;
  };
  const forgetIdle = (nowMs: number): void => {
    for (const [tenantId, { askedAtMs }] of asked) if (nowMs - askedAtMs >= idleMs) asked.delete(tenantId);
  };
  return {
    of(scope) {
      const nowMs = clock.nowMs();
      forgetIdle(nowMs);
      const known = asked.get(scope.tenantId);
      // However long reading takes, nobody begins anew before it has ended.
      const holds = known !== undefined && (!shared || known.isReading || nowMs - known.readAtMs < refreshMs);
      const one = holds ? known : read(scope, nowMs);
      one.askedAtMs = nowMs;
      return one.alerts;
    },
    known(scope) {
      forgetIdle(clock.nowMs());
      return asked.get(scope.tenantId)?.alerts;
    },
  };
}

/** Adds a step to those of an alert, as the `at`-th. */
export function addStep(of: TenantAlerts, alertId: string, at: number, step: AlertStep): void {
  of.folded = undefined;
  let steps = of.steps.get(alertId);
  if (steps === undefined) of.steps.set(alertId, (steps = []));
  steps[at] = step;
  const streamed = of.alerts.get(alertId);
  if (streamed === undefined || (step.action !== 'snooze' && step.action !== 'undo')) return;
  of.snoozes.set(fingerprintKey(streamed), lifeOf(steps).snoozedUntilMs ?? 0);
}

/** By what alerts of the same trouble are the same. */
export function fingerprintKey({ fingerprint: { ruleId, version, fields } }: StreamedAlert): string {
  const parts = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([ruleId, version, parts]);
}

async function load(documents: DocumentStore, scope: TenantScope): Promise<TenantAlerts> {
  const of: TenantAlerts = { alerts: new Map(), steps: new Map(), snoozes: new Map(), folded: undefined };
  for await (const page of pagesOf<StreamedAlert>(documents, scope, alertsCollection)) {
    for (const { id, document } of page) of.alerts.set(id, withReceipts({ ...later, ...document }));
  }
  for await (const page of pagesOf<AlertStep>(documents, scope, stepsCollection)) {
    for (const { id, document } of page) {
      const { alertId, at } = readStepId(id);
      addStep(of, alertId, at, document);
    }
  }
  return of;
}

async function* pagesOf<T extends object>(
  documents: DocumentStore,
  scope: TenantScope,
  collection: string,
): AsyncGenerator<readonly { readonly id: string; readonly document: T }[]> {
  for (let afterId = ''; ; await turnOfEventLoop()) {
    const page = await documents.list<T>(scope, collection, { limit: pageSize, afterId });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    afterId = last.id;
  }
}

function withReceipts(alert: StreamedAlert): StreamedAlert {
  const suppressions = alert.suppressions.map((receipt) => ({ ...laterOfReceipts, ...receipt }));
  return { ...alert, suppressions, scorer: { ...laterOfScorer, ...alert.scorer } };
}
