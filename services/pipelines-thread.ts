import { Worker } from 'node:worker_threads';

import { messageOf } from '../contracts/errors.ts';
import type { RunStatus } from '../streams/running.ts';
import type { PipelinesMessage, PipelinesWorkerData } from './pipelines-worker.ts';

/** The thread that runs relay, tools, telemetry and alerts, as the main thread sees it. */
export interface PipelinesThread extends AsyncDisposable {
  /** As of the last half second. */
  statuses(): readonly RunStatus[];
}

/** Starts the thread; it counts as stopped, with the reason, when it dies. */
export function startPipelinesThread(data: PipelinesWorkerData): PipelinesThread {
  const worker = new Worker(new URL('./pipelines-worker.ts', import.meta.url), { workerData: data });
  let statuses: readonly RunStatus[] = [];
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', (message: PipelinesMessage) => {
    statuses = message.statuses;
  });
  worker.on('error', (error) => {
    const reason = `Its thread ended: ${messageOf(error)}`;
    const names =
      statuses.length === 0
        ? ['relay', 'tools', 'place', 'telemetry', 'presence', 'detect', 'alerts']
        : statuses.map((s) => s.name);
    statuses = names.map((name) => stoppedStatus(name, reason, statuses));
  });
  return {
    statuses: () => statuses,
    [Symbol.asyncDispose]: async () => {
      worker.postMessage('stop');
      await ended;
    },
  };
}

function stoppedStatus(name: string, reason: string, known: readonly RunStatus[]): RunStatus {
  const before = known.find((status) => status.name === name);
  const unknown: RunStatus = {
    name,
    state: 'stopped',
    reason,
    from: [],
    to: '',
    recordsIn: 0,
    recordsOut: 0,
    deadLetters: 0,
    ratePerSecond: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
    stages: [],
  };
  return before === undefined ? unknown : { ...before, state: 'stopped', reason };
}
