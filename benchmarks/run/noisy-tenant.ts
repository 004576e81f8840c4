import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { doorOf, type Quantiles } from './histograms.ts';
import { type Phase, type PlatformState, quantilesBetween } from './phase.ts';

/** How far the others' p99 may grow while one tenant floods the door. */
export const noisyGoal = 1.2;

/** One part of the way of the other tenants' events, without the noisy tenant and beside it. */
export interface DisturbedStage {
  readonly name: string;
  readonly quiet: Quantiles;
  readonly noisy: Quantiles;
  /** p99 beside the noisy tenant over the quiet p99. */
  readonly ratio: number;
}

export interface NoisyResult {
  /**
   * At the door of the others' events alone, by their own generator. In the pipelines of every event: a batch holds
   * all tenants' and counts with the wait of its oldest, so no other tenant's event waited longer.
   */
  readonly stages: readonly DisturbedStage[];
  /** CPU of the platform's processes, of one core, without the noisy tenant and beside it. */
  readonly cores: { readonly quiet: number; readonly noisy: number };
  readonly tenant: NoisyCounts;
  /** The other tenants' ledger, tenant by tenant, over the whole run. */
  readonly others: { readonly tenants: number; readonly lost: number; readonly duplicated: number };
}

/** Of the noisy tenant. */
export interface NoisyCounts {
  readonly offered: number;
  /** Answered with 429, or named as over the quota in a body that was accepted. */
  readonly refused: number;
  /** By the ledger. */
  readonly accepted: number;
  readonly lost: number;
  readonly behindMs: number;
}

/** `simulate` gives a fleet of one tenant this name. */
const noisyTenantId = 'default';

export function noisyResult(quiet: Phase, phase: Phase, verified: VerifyReport): NoisyResult {
  const { noisy } = phase;
  if (noisy === undefined) throw new RangeError('no noisy tenant ran beside the others');
  const others = verified.tenants.filter(({ tenantId }) => tenantId !== noisyTenantId);
  const sum = (of: (tenant: VerifyReport['tenants'][number]) => number): number =>
    others.reduce((total, tenant) => total + of(tenant), 0);
  return {
    stages: stagesOf(quiet, phase),
    cores: { quiet: coresOf(quiet), noisy: coresOf(phase) },
    tenant: countsOf(noisy, verified),
    others: {
      tenants: others.length,
      lost: sum(({ eventLog, analytics }) => eventLog.lost + analytics.lost),
      duplicated: sum(({ eventLog, analytics }) => eventLog.duplicated + analytics.duplicated),
    },
  };
}

function coresOf({ before, after }: Phase): number {
  const used = (state: PlatformState): number =>
    state.usage.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return (used(after) - used(before)) / ((after.atMs - before.atMs) / 1000);
}

function countsOf(noisy: SimulateReport, verified: VerifyReport): NoisyCounts {
  const found = verified.tenants.find(({ tenantId }) => tenantId === noisyTenantId);
  const refused = noisy.refused + noisy.rejected;
  const accepted = found?.accepted ?? 0;
  const lostInside = (found?.eventLog.lost ?? 0) + (found?.analytics.lost ?? 0);
  return {
    offered: noisy.sent,
    refused,
    accepted,
    lost: lostInside + Math.max(0, noisy.unique - refused - accepted),
    behindMs: noisy.behindMs,
  };
}

function stagesOf(quiet: Phase, phase: Phase): DisturbedStage[] {
  const without = latenciesOf(quiet);
  return Object.entries(latenciesOf(phase)).flatMap(([name, noisy]) => {
    const before = without[name];
    return before === undefined
      ? []
      : [{ name, quiet: before, noisy, ratio: noisy.p99 / Math.max(1, before.p99) }];
  });
}

function latenciesOf({ before, after, fleet }: Phase): Record<string, Quantiles> {
  const { corrected, raw } = doorOf(fleet);
  const stored = quantilesBetween(before.pipelines, after.pipelines, 'sinceAcceptance');
  return {
    'send → durable at the door': corrected,
    '  raw, from the request': raw,
    ...Object.fromEntries(Object.entries(stored).map(([name, q]) => [`accepted → ${name}`, q])),
  };
}
