import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import type { Log } from '../../brokers/log.ts';
import { isRetryable } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import { topics } from '../../contracts/topics.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import type { Clock } from '../../streams/clock.ts';
import { createEventFanOut, type EventFanOut } from './event-fan-out.ts';
import { createMatcher } from './matches.ts';
import { type TailBatch, type TailLimits, TailReader } from './tail-reader.ts';

/** Enriched events as they come. */
export interface LiveTail {
  /**
   * The tenant's events that match and are committed from now on, until the signal aborts. The first batch
   * is empty and says that the tail stands: whatever is committed after it comes. A reader that does not keep
   * up loses the oldest of what waits for it, with a count, and slows nobody. Throws what the log throws.
   */
  subscribe(scope: TenantScope, filter: EventFilter, signal: AbortSignal): AsyncIterable<TailBatch>;
}

/** What the tail needs of the log. */
export type TailedLog = Pick<Log, 'read' | 'endOffset' | 'changed' | 'partitionCount'>;

export interface LiveTailDeps {
  readonly log: TailedLog;
  readonly clock: Clock;
  readonly limits?: TailLimits;
}

/** One reading of the log, shared by all who listen at the same time. */
interface Following {
  /** Resolves when the end of the log is known: what comes after it will be delivered. */
  readonly standing: Promise<void>;
  readonly stop: AbortController;
}

const defaultLimits: TailLimits = { events: 1000, sizeBytes: 4 * 1024 * 1024 };
const readBytes = 256 * 1024;
const longestWaitMs = 5000;
const backOffMs = 1000;

/** Reads the enriched topic once for all readers, from its end, and only while somebody listens. */
export function createLiveTail(deps: LiveTailDeps): LiveTail {
  const limits = deps.limits ?? defaultLimits;
  const fanOut = createEventFanOut();
  let current: Following | null = null;

  const startFollowing = (): Following => {
    const stop = new AbortController();
    const standing = Promise.withResolvers<void>();
    // Whoever waits for it gets the rejection; where nobody does, it concerns nobody.
    standing.promise.catch(() => undefined);
    const following = { stop, standing: standing.promise };
    follow(deps, fanOut, standing.resolve, stop.signal).catch((error: unknown) => {
      if (current === following) current = null;
      standing.reject(error);
      fanOut.failAll(error);
    });
    return following;
  };

  return {
    async *subscribe(scope, filter, signal) {
      const reader = new TailReader(limits);
      const leave = fanOut.add(scope, createMatcher(filter), reader);
      current ??= startFollowing();
      const following = current;
      try {
        await following.standing;
        yield { events: [], dropped: 0 };
        for (let batch = await reader.take(signal); batch !== null; batch = await reader.take(signal))
          yield batch;
      } finally {
        leave();
        if (fanOut.isEmpty() && current === following) {
          current = null;
          following.stop.abort();
        }
      }
    },
  };
}

async function follow(
  deps: LiveTailDeps,
  fanOut: EventFanOut,
  onStanding: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { log, clock } = deps;
  const offsets = await Promise.all(
    Array.from({ length: log.partitionCount(topics.enriched) }, (_, partition) =>
      log.endOffset(topics.enriched, partition),
    ),
  );
  onStanding();
  let changed = log.changed([topics.enriched], longestWaitMs, signal);
  while (!signal.aborted) {
    try {
      if (await readOnce(log, offsets, fanOut, signal)) continue;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await clock.sleep(backOffMs, signal);
      continue;
    }
    await changed;
    // Asked for before the next look, so that nothing committed in between is waited for.
    changed = log.changed([topics.enriched], longestWaitMs, signal);
  }
}

/** Delivers what came since; true where there was anything. */
async function readOnce(
  log: TailedLog,
  offsets: number[],
  fanOut: EventFanOut,
  signal: AbortSignal,
): Promise<boolean> {
  let found = false;
  for (const [partition, offset] of offsets.entries()) {
    if (signal.aborted) return false;
    const batches = await log.read(topics.enriched, partition, offset, readBytes);
    for (const batch of batches) {
      if (signal.aborted) return false;
      const nextOffset = fanOut.deliver(batch, offsets[partition] ?? offset);
      if (nextOffset > (offsets[partition] ?? offset)) found = true;
      offsets[partition] = nextOffset;
      // A long backlog is worked off without holding up requests.
      await turnOfEventLoop();
    }
  }
  return found;
}
