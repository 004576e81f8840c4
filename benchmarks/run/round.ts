import type { VerifyReport } from '../../pipelines/verify.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { doorOf, type DoorQuantiles, type Quantiles } from './histograms.ts';
import { foreignShare } from './machine-load.ts';
import { noisyResult, type NoisyResult } from './noisy-tenant.ts';
import { type Phase, quantilesBetween, runPhase, type Sample, untilDrained } from './phase.ts';
import { type EngineProfile, startPlatformUnderLoad } from './platform-under-load.ts';
import type { RoleUsage } from './processes.ts';
import { type LoadProfile, simulateArguments } from './profiles.ts';
import { soakTrend, type SoakTrend } from './soak.ts';

export interface RoundOptions {
  readonly engines: EngineProfile;
  readonly load: LoadProfile;
  readonly seed: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Whether it is judged as a long run: memory and lag must stay flat, and the ledger begins where retention does. */
  readonly soak?: boolean;
  readonly onSample: (sample: Sample) => void;
}

export interface RoundResult {
  /** Events sent over the time from the first send to when every sink had them. */
  readonly storedPerSecond: number;
  readonly drainSeconds: number;
  /** From the intended send to durable at the door: `corrected` counts the generator's own delay, `raw` does not. */
  readonly door: DoorQuantiles;
  /** From acceptance to the commit of each pipeline. */
  readonly pipelines: Readonly<Record<string, Quantiles>>;
  /** From the intended send to stored, of each sink. */
  readonly endToEnd: Readonly<Record<string, Quantiles>>;
  /** Within the measured time. */
  readonly roles: readonly RoleUsage[];
  readonly generatorCpuSeconds: number;
  /** Share of the machine that other programs took. */
  readonly foreignShare: number;
  readonly samples: readonly Sample[];
  readonly generator: SimulateReport;
  readonly ledger: RoundLedger;
  /** Of a soak. */
  readonly soak?: SoakTrend;
  /** What the other tenants noticed of the noisy one, where there was one. */
  readonly noisy?: NoisyResult;
}

/** What was sent, held against what each place has. */
export interface RoundLedger {
  readonly sent: number;
  readonly accepted: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly verdict: VerifyReport['verdict'];
}

const verifyWaitMs = 300_000;

/** One run of a fresh platform: warm-up, a quiet stretch before a noisy one, the measured time, and the ledger. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { engines, load, seed, warmupMs, durationMs, onSample } = options;
  const { noisy } = load;
  const settings: Record<string, string> =
    noisy === undefined ? {} : { OPENFRAME_TENANT_EVENTS_PER_SECOND: String(noisy.quotaPerSecond) };
  await using platform = await startPlatformUnderLoad(engines, settings);
  let warmedUp = 0;
  if (warmupMs > 0) {
    const { unique } = await platform.simulate(simulateArguments(load, seed + 1_000_000, warmupMs));
    warmedUp = unique;
    await untilDrained(platform);
  }
  const shared = { load, durationMs, onSample };
  const quiet =
    noisy === undefined ? undefined : await runPhase(platform, { ...shared, seed: seed + 2_000_000 });
  const phase = await runPhase(platform, { ...shared, seed, noisy });
  const verified = await platform.verify(verifyWaitMs);
  const sent = warmedUp + (quiet?.fleet.unique ?? 0) + phase.fleet.unique + admitted(phase.noisy);
  return {
    ...resultOf(phase),
    ledger: ledgerOf(sent, options.soak === true ? untaken(phase) : sent - verified.accepted, verified),
    ...(options.soak === true ? { soak: soakTrend(phase.samples) } : {}),
    ...(quiet === undefined ? {} : { noisy: noisyResult(quiet, phase, verified) }),
  };
}

/** Events of the noisy tenant that were not refused, each of them offered once. */
function admitted(noisy: SimulateReport | undefined): number {
  return noisy === undefined ? 0 : noisy.unique - noisy.refused - noisy.rejected;
}

function resultOf(phase: Phase): Omit<RoundResult, 'ledger'> {
  const { before, after, sentMs, fleet, noisy, samples } = phase;
  const roles = rolesBetween(phase);
  const generatorCpuSeconds = cpuSecondsOf(fleet) + (noisy === undefined ? 0 : cpuSecondsOf(noisy));
  const measuredCpu = roles.reduce((sum, role) => sum + role.cpuSeconds, 0) + generatorCpuSeconds;
  const wallSeconds = (after.atMs - before.atMs) / 1000;
  const sinks = after.pipelines.filter((pipeline) => pipeline.histograms?.sinceEvent !== undefined);
  const drainSeconds = (after.atMs - sentMs) / 1000;
  return {
    storedPerSecond: Math.round((fleet.sent + admitted(noisy)) / (fleet.seconds + drainSeconds)),
    drainSeconds,
    door: doorOf(fleet),
    pipelines: quantilesBetween(before.pipelines, after.pipelines, 'sinceAcceptance'),
    endToEnd: quantilesBetween(before.pipelines, sinks, 'sinceEvent'),
    roles,
    generatorCpuSeconds,
    foreignShare: foreignShare(after.machineCpu - before.machineCpu, measuredCpu, wallSeconds),
    samples,
    generator: { ...fleet, uniqueByTenant: {} },
  };
}

function rolesBetween({ before, after }: Phase): RoleUsage[] {
  return after.usage.map((usage, i) => ({
    ...usage,
    cpuSeconds: usage.cpuSeconds - (before.usage[i]?.cpuSeconds ?? 0),
    cpuSecondsByThread: Object.fromEntries(
      Object.entries(usage.cpuSecondsByThread).map(([kind, seconds]) => [
        kind,
        seconds - (before.usage[i]?.cpuSecondsByThread[kind] ?? 0),
      ]),
    ),
  }));
}

function cpuSecondsOf({ cpuMicrosPerEvent, sent }: SimulateReport): number {
  return (cpuMicrosPerEvent * sent) / 1e6;
}

/** `missing`: events that were sent and not accepted. */
function ledgerOf(sent: number, missing: number, verified: VerifyReport): RoundLedger {
  const { accepted, deadLettered, duplicated, verdict } = verified;
  const lost = verified.lost + Math.max(0, missing);
  return { sent, accepted, deadLettered, duplicated, verdict, lost };
}

/**
 * A long run sends more than the messaging keeps. What is kept is held against each store; of the rest it is known that
 * the door said it is durable: what it did not take counts as lost.
 */
function untaken({ fleet }: Phase): number {
  return fleet.sent - fleet.accepted;
}
