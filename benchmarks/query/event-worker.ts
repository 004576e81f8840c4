import { parentPort, workerData } from 'node:worker_threads';

import { type BatchRequest, createEventSource, type SourceOptions } from './stored-events.ts';

/* Makes batches of events when it is asked: see `startEventThread`. */
const { devices, seed, first } = workerData as SourceOptions;
const source = createEventSource(devices, seed, first);
parentPort?.on('message', ({ count, fromMs, toMs }: BatchRequest) => {
  const bytes = Uint8Array.from(source.batch(count, fromMs, toMs).bytes);
  parentPort?.postMessage(bytes, [bytes.buffer]);
});
