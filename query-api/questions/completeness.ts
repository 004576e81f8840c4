import { type Completeness, lateDeviceLimit } from '../../contracts/completeness.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Clock } from '../../streams/clock.ts';
import type { DeviceReader } from './device-page.ts';

/** How complete the tenant's answers are now. */
export type AskCompleteness = (scope: TenantScope) => Promise<Completeness>;

export interface CompletenessDeps {
  readonly pipelines: () => Promise<readonly PipelineStatus[]>;
  readonly devices: DeviceReader;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** An answer says how complete it is; that is found out anew after so long. */
const maxAgeMs = 1_000;
const tenantLimit = 1_000;
/** A pipeline that needs longer than this for what waits before it is late. */
const lateMs = 5_000;

/**
 * Finds out how complete answers are, at most once a second for a tenant. `completeTo` is the moment of asking, less
 * the longest time from acceptance to commit of the last minute, less the time that the longest lag takes at its
 * rate; where a lag does not move at all, it is the moment at which that was seen first.
 */
export function createCompleteness(deps: CompletenessDeps): AskCompleteness {
  const known = new Map<string, { readonly atMs: number; readonly answer: Promise<Completeness> }>();
  const stalledSinceMs = new Map<string, number>();
  const find = async (scope: TenantScope, nowMs: number): Promise<Completeness> => {
    const [pipelines, facets] = await Promise.all([deps.pipelines(), deps.devices.facets(scope)]);
    const offline = facets.status.find(({ key }) => key === 'OFFLINE')?.count ?? 0;
    const late =
      offline === 0 ? [] : await deps.devices.list(scope, { status: 'OFFLINE', limit: lateDeviceLimit });
    const measured = pipelines.map((pipeline) => measure(pipeline, stalledSinceMs, nowMs));
    const stopped = pipelines.some(({ state }) => state === 'stopped');
    const behindMs = Math.max(0, ...measured.map((one) => one.behindMs));
    return {
      completeTo: stopped ? null : new Date(nowMs - behindMs).toISOString(),
      late: {
        devices: offline,
        ofDevices: facets.status.reduce((sum, { count }) => sum + count, 0),
        deviceIds: late.map(({ deviceId }) => deviceId),
        pipelines: measured.flatMap((one) => (one.isLate ? [one.answer] : [])),
      },
    };
  };
  return (scope) => {
    const nowMs = deps.clock.nowMs();
    const before = known.get(scope.tenantId);
    if (before !== undefined && nowMs - before.atMs < maxAgeMs) return before.answer;
    if (known.size >= tenantLimit) known.clear();
    const answer = find(scope, nowMs);
    known.set(scope.tenantId, { atMs: nowMs, answer });
    answer.catch(() => known.delete(scope.tenantId));
    return answer;
  };
}

/** The answer to a question, and how complete it is at least: that is found out first. */
export async function withCompleteness<Answer extends object>(
  completeness: AskCompleteness,
  scope: TenantScope,
  ask: () => Promise<Answer>,
): Promise<Answer & { readonly completeness: Completeness }> {
  const found = await completeness(scope);
  return { ...(await ask()), completeness: found };
}

function measure(pipeline: PipelineStatus, stalledSinceMs: Map<string, number>, nowMs: number) {
  const { name, state, lag, ratePerSecond, latencyMs, behind = [] } = pipeline;
  const isStalled = lag > 0 && ratePerSecond === 0;
  const sinceMs = isStalled ? (stalledSinceMs.get(name) ?? nowMs) : nowMs;
  if (isStalled) stalledSinceMs.set(name, sinceMs);
  else stalledSinceMs.delete(name);
  const drainMs = ratePerSecond > 0 ? (lag / ratePerSecond) * 1_000 : nowMs - sinceMs;
  const behindMs = Math.max(latencyMs.max, drainMs);
  const partitions = behind.toSorted((a, b) => b.records - a.records);
  return {
    behindMs,
    isLate: state === 'stopped' || behindMs > lateMs,
    answer: { name, state, lag, partitions: partitions.map((one) => `${one.topic}/${one.partition}`) },
  };
}
