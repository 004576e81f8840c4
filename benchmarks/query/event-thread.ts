import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { SinkBatch } from '../../streams/sink.ts';
import type { BatchRequest, SourceOptions } from './stored-events.ts';

/** An `EventSource` on a thread of its own, so that making events stands in no question's way. One request at a time. */
export interface EventThread extends AsyncDisposable {
  batch(request: BatchRequest): Promise<SinkBatch>;
}

export function startEventThread(options: SourceOptions): EventThread {
  const worker = new Worker(new URL('event-worker.ts', import.meta.url), { workerData: options });
  return {
    async batch(request) {
      worker.postMessage(request);
      const [bytes] = (await once(worker, 'message')) as [Uint8Array<ArrayBuffer>];
      return { partition: 0, bytes: Buffer.from(bytes.buffer), count: request.count, firstOffset: 0 };
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
