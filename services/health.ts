import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

import type { PipelineStatus } from '../contracts/pipeline.ts';

export interface HealthDeps {
  pipelines(): Promise<readonly PipelineStatus[]>;
  /** What a role still lacks, or that it is stopping: one sentence each; empty where it is at work. */
  waitingFor?(): readonly string[];
  /** What it does without for now and why; null where it has all. */
  degraded?(): string | null;
}

/**
 * `/healthz`: the process answers. `/readyz`: nothing is waited for and every pipeline runs; otherwise 503 with
 * what is waited for, or which pipeline stopped, why, and what to do. `/metrics`: Prometheus' text format, of the
 * registry it returns.
 */
export function registerHealth(app: FastifyInstance, deps: HealthDeps): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'openframe_' });
  const collectPipelines = pipelineMetrics(registry, deps);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const waitingFor = deps.waitingFor?.() ?? [];
    const pipelines = await deps.pipelines();
    const ready = waitingFor.length === 0 && pipelines.every((pipeline) => pipeline.state === 'running');
    const body = {
      status: ready ? 'ready' : 'not ready',
      waitingFor,
      degraded: deps.degraded?.() ?? null,
      pipelines: pipelines.map(({ name, state, reason }) => ({ name, state, reason })),
    };
    return reply.code(ready ? 200 : 503).send(body);
  });
  app.get('/metrics', async (_request, reply) => {
    await collectPipelines();
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
  return registry;
}

/** What the pipelines say of themselves; to be brought up to date before the registry is read. */
function pipelineMetrics(registry: Registry, deps: HealthDeps): () => Promise<void> {
  const gauges = {
    lag: gauge(registry, 'openframe_pipeline_lag_records', 'Records not yet processed.', ['pipeline']),
    in: gauge(registry, 'openframe_pipeline_records_in', 'Records read since the start.', ['pipeline']),
    dead: gauge(registry, 'openframe_pipeline_dead_letters', 'Records sent to the dead letters.', [
      'pipeline',
    ]),
    up: gauge(registry, 'openframe_pipeline_running', '1 while the pipeline runs.', ['pipeline']),
    p99: gauge(registry, 'openframe_pipeline_latency_p99_ms', 'From acceptance to commit.', ['pipeline']),
    restored: gauge(
      registry,
      'openframe_pipeline_restored_entries',
      'Entries of state read back from the changelogs.',
      ['pipeline'],
    ),
    restoredMs: gauge(registry, 'openframe_pipeline_restored_ms', 'What reading them back took.', [
      'pipeline',
    ]),
    dropped: gauge(registry, 'openframe_stage_dropped_records', 'Records dropped.', [
      'pipeline',
      'stage',
      'reason',
    ]),
  };
  return async () => {
    for (const pipeline of await deps.pipelines()) {
      const labels = { pipeline: pipeline.name };
      gauges.lag.set(labels, pipeline.lag);
      gauges.in.set(labels, pipeline.recordsIn);
      gauges.dead.set(labels, pipeline.deadLetters);
      gauges.up.set(labels, pipeline.state === 'running' ? 1 : 0);
      gauges.p99.set(labels, pipeline.latencyMs.p99);
      if (pipeline.restored !== undefined) {
        gauges.restored.set(labels, pipeline.restored.entries);
        gauges.restoredMs.set(labels, pipeline.restored.elapsedMs);
      }
      for (const stage of pipeline.stages) {
        for (const [reason, count] of Object.entries(stage.dropped)) {
          gauges.dropped.set({ ...labels, stage: stage.name, reason }, count);
        }
      }
    }
  };
}

function gauge<T extends string>(registry: Registry, name: string, help: string, labelNames: T[]): Gauge<T> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}
