import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';

import type { PipelineStatus } from '../contracts/pipeline.ts';
import { registerHealth } from './health.ts';

const running: PipelineStatus = {
  name: 'relay',
  state: 'running',
  reason: null,
  from: ['TELEMETRY'],
  to: 'telemetry.raw.v1',
  recordsIn: 5,
  recordsOut: 5,
  deadLetters: 0,
  ratePerSecond: 1,
  lag: 7,
  latencyMs: { p50: 1, p99: 2, max: 3 },
  stages: [],
};
const stopped: PipelineStatus = {
  ...running,
  name: 'telemetry',
  state: 'stopped',
  reason: 'too many dead letters',
};

function server(pipelines: readonly PipelineStatus[]) {
  const app = fastify();
  registerHealth(app, { pipelines: () => Promise.resolve(pipelines) });
  return app;
}

describe('health', () => {
  it('is ready while every pipeline runs', async () => {
    const response = await server([running]).inject('/readyz');
    expect(response.statusCode).toBe(200);
  });

  it('is not ready once one stopped, and says which and why', async () => {
    const response = await server([running, stopped]).inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      pipelines: [
        { name: 'relay' },
        { name: 'telemetry', state: 'stopped', reason: 'too many dead letters' },
      ],
    });
  });

  it('stays alive all the same', async () => {
    expect((await server([stopped]).inject('/healthz')).statusCode).toBe(200);
  });

  it('shows to Prometheus what a pipeline read back, where it did', async () => {
    const read = { partitions: 1, records: 2, sizeBytes: 3, entries: 400, elapsedMs: 5, msByMillion: 12_500 };
    const { body } = await server([running, { ...stopped, restored: read }]).inject('/metrics');
    expect(body).toContain('openframe_pipeline_restored_entries{pipeline="telemetry"} 400');
    expect(body).toContain('openframe_pipeline_restored_ms{pipeline="telemetry"} 5');
    expect(body).not.toContain('restored_entries{pipeline="relay"}');
  });

  it('shows lag and state to Prometheus', async () => {
    const { body } = await server([running, stopped]).inject('/metrics');
    expect(body).toContain('openframe_pipeline_lag_records{pipeline="relay"} 7');
    expect(body).toContain('openframe_pipeline_running{pipeline="telemetry"} 0');
  });
});
