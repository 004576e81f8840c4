import { Worker } from 'node:worker_threads';

import { messageOf } from '../contracts/errors.ts';
import type { RunStatus } from '../streams/running.ts';
import type { PipelinesMessage, PipelinesWorkerData } from './pipelines-worker.ts';

/** The thread that runs relay, tools, telemetry and alerts, as the main thread sees it. */
export interface PipelinesThread extends AsyncDisposable {
  /** As of the last half second. */
  statuses(): readonly RunStatus[];
}

const pipelineNames = ['relay', 'tools', 'place', 'telemetry', 'presence', 'detect', 'alerts'];

/**
 * Starts the thread. As long as a fault that passes keeps it from its files it tries again and counts as starting, with
 * the reason; it counts as stopped when it dies.
 */
export function startPipelinesThread(data: PipelinesWorkerData): PipelinesThread {
  const worker = new Worker(new URL('./pipelines-worker.ts', import.meta.url), { workerData: data });
  let statuses: readonly RunStatus[] = [];
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const all = (state: RunStatus['state'], reason: string): readonly RunStatus[] => {
    const names = statuses.length === 0 ? pipelineNames : statuses.map((status) => status.name);
    return names.map((name) => ({ ...statusOf(name, statuses), state, reason }));
  };
  worker.on('message', (message: PipelinesMessage) => {
    statuses = 'statuses' in message ? message.statuses : all('starting', message.notStarted);
  });
  worker.on('error', (error) => {
    statuses = all('stopped', `Its thread ended: ${messageOf(error)}`);
  });
  return {
    statuses: () => statuses,
    [Symbol.asyncDispose]: async () => {
      worker.postMessage('stop');
      await ended;
    },
  };
}

function statusOf(name: string, known: readonly RunStatus[]): RunStatus {
  const unknown: RunStatus = {
    name,
    state: 'starting',
    reason: null,
    from: [],
    to: '',
    recordsIn: 0,
    recordsOut: 0,
    deadLetters: 0,
    ratePerSecond: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
    stages: [],
  };
  return known.find((status) => status.name === name) ?? unknown;
}
