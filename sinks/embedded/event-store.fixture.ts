import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventSink, EventSinkSubject } from '../../conformance/event-sinks.ts';
import { type Clock, createManualClock } from '../../streams/clock.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore } from './event-store.ts';

interface OpenOptions {
  readonly path: string;
  readonly clock: Clock;
}

/** A store on a file in a temporary folder, as the conformance suites take it. */
export async function createEventStore<Store extends EventSink>(
  open: (options: OpenOptions) => Promise<Store>,
  nowMs = Date.UTC(2026, 2, 1),
): Promise<EventSinkSubject<Store>> {
  const folder = await mkdtemp(join(tmpdir(), 'openframe-sink-'));
  const clock = createManualClock(nowMs);
  const path = join(folder, 'live', 'store.duckdb');
  const opened = new AsyncDisposableStack();
  opened.defer(() => rm(folder, { recursive: true }));
  const store = opened.use(await open({ path, clock }));
  return {
    store,
    clock,
    async reopen() {
      await store[Symbol.asyncDispose]();
      return opened.use(await open({ path, clock }));
    },
    async afterKill() {
      await cp(join(folder, 'live'), join(folder, 'killed'), { recursive: true });
      return opened.use(await open({ path: join(folder, 'killed', 'store.duckdb'), clock }));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A store that flushes after each write, on a later day than the events' own: nearly all are in stretches at once. */
export function createCountedEventStore(): Promise<EventSinkSubject<EmbeddedEventStore>> {
  return createEventStore(openCounted, Date.UTC(2026, 2, 2));
}

async function openCounted(options: OpenOptions): Promise<EmbeddedEventStore> {
  const store = await createEmbeddedEventStore({ ...options, stretchEvents: 20 });
  return {
    ...store,
    async write(batches, signal) {
      const rejected = await store.write(batches, signal);
      await store.deferred?.flush();
      return rejected;
    },
  };
}
