import type { PipelineStatus } from '../api/answers.ts';

/** A running pipeline; what is not given is nothing. */
export function pipelineStatus(
  name: string,
  from: readonly string[],
  to: string,
  given: Partial<PipelineStatus> = {},
): PipelineStatus {
  return {
    name,
    state: 'running',
    reason: null,
    from: [...from],
    to,
    recordsIn: 0,
    recordsOut: 0,
    deadLetters: 0,
    ratePerSecond: 0,
    lag: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
    stages: [],
    ...given,
  };
}

/** The platform's pipelines. */
export function platformPipelines(): readonly PipelineStatus[] {
  return [
    pipelineStatus('relay', ['TELEMETRY'], 'telemetry.raw.v1', { ratePerSecond: 7 }),
    pipelineStatus('telemetry', ['telemetry.raw.v1'], 'telemetry.enriched.v1', { ratePerSecond: 6 }),
    pipelineStatus('event-log', ['telemetry.enriched.v1'], 'event-log'),
    pipelineStatus('analytics', ['telemetry.enriched.v1'], 'analytics'),
  ];
}
