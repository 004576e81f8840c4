import type { PipelineStatus } from '../api/answers.ts';

/** Up to when everything accepted is stored. */
export type Completeness =
  | { readonly kind: 'complete'; readonly toMs: number }
  | { readonly kind: 'stopped'; readonly names: readonly string[] };

/**
 * Events accepted before `toMs` have passed every pipeline: the moment of the answer, less the longest time
 * from acceptance to commit of the last minute, less the time that the longest lag takes at its rate.
 * A lag whose rate is still 0 counts for nothing until the first record moves.
 */
export function completenessOf(pipelines: readonly PipelineStatus[], asOfMs: number): Completeness {
  const stopped = pipelines.filter(({ state }) => state === 'stopped').map(({ name }) => name);
  if (stopped.length > 0) return { kind: 'stopped', names: stopped };
  const behindMs = pipelines.map(({ latencyMs, lag, ratePerSecond }) => {
    const drainMs = ratePerSecond > 0 ? (lag / ratePerSecond) * 1_000 : 0;
    return Math.max(latencyMs.max, drainMs);
  });
  return { kind: 'complete', toMs: asOfMs - Math.max(0, ...behindMs) };
}
