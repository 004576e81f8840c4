import { type EnrichedEvent, toStoredEvent } from '../../contracts/enriched.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import { headers } from '../../contracts/topics.ts';
import { HeaderReader, RecordCursor } from '../../streams/record-cursor.ts';
import type { FilteredEvent } from './matches.ts';
import type { TailReader } from './tail-reader.ts';

/** Hands records of the enriched topic to the readers whose tenant and filter they match. */
export interface EventFanOut {
  /** Adds a reader; call what it gives to remove it. */
  add(scope: TenantScope, matches: (event: FilteredEvent) => boolean, reader: TailReader): () => void;
  isEmpty(): boolean;
  /** Delivers the records at or after `fromOffset`; returns the offset after the last. Throws `BATCH_CORRUPT`. */
  deliver(batch: Buffer, fromOffset: number): number;
  failAll(error: unknown): void;
}

interface Listener {
  readonly matches: (event: FilteredEvent) => boolean;
  readonly reader: TailReader;
}

export function createEventFanOut(): EventFanOut {
  const listenersByTenant = new Map<string, Set<Listener>>();
  const cursor = new RecordCursor();
  const headerReader = new HeaderReader();
  const hasListeners = (tenantId: string | null): boolean =>
    tenantId === null || listenersByTenant.has(tenantId);

  return {
    add({ tenantId }, matches, reader) {
      const listener = { matches, reader };
      const listeners = listenersByTenant.get(tenantId) ?? new Set();
      listenersByTenant.set(tenantId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && listenersByTenant.get(tenantId) === listeners)
          listenersByTenant.delete(tenantId);
      };
    },
    isEmpty: () => listenersByTenant.size === 0,
    deliver(batch, fromOffset) {
      let nextOffset = fromOffset;
      cursor.reset(batch);
      while (cursor.next()) {
        if (cursor.offset < fromOffset) continue;
        nextOffset = cursor.offset + 1;
        // The header spares parsing what nobody listens to; the event itself decides whose it is.
        const { tenantId, isRepeated } = headersOf(cursor, headerReader);
        if (isRepeated || !hasListeners(tenantId)) continue;
        const event = eventOf(cursor);
        if (event === null) continue;
        const listeners = listenersByTenant.get(event.tenantId);
        if (listeners !== undefined) offer(event, cursor.valueEnd - cursor.valueStart, listeners);
      }
      return nextOffset;
    },
    failAll(error) {
      for (const listeners of listenersByTenant.values()) {
        for (const { reader } of listeners) reader.fail(error);
      }
    },
  };
}

function offer(event: EnrichedEvent, sizeBytes: number, listeners: ReadonlySet<Listener>): void {
  let stored: StoredEvent | undefined;
  for (const { matches, reader } of listeners) {
    if (!matches(event)) continue;
    stored ??= toStoredEvent(event);
    reader.offer(stored, sizeBytes);
  }
}

/** Whose the record is, and whether its event was delivered before, when it had no device. */
function headersOf(
  cursor: RecordCursor,
  reader: HeaderReader,
): { readonly tenantId: string | null; readonly isRepeated: boolean } {
  let tenantId: string | null = null;
  let isRepeated = false;
  reader.reset(cursor.bytes, cursor.headersStart);
  while (reader.next()) {
    const name = cursor.bytes.toString('latin1', reader.nameStart, reader.nameEnd);
    if (name === headers.completes) isRepeated = true;
    if (name !== headers.tenant || reader.valueStart < 0) continue;
    tenantId ??= cursor.bytes.toString('utf8', reader.valueStart, reader.valueEnd);
  }
  return { tenantId, isRepeated };
}

/** null for a tombstone or what is not an event: the sinks, which must store it, dead-letter it. */
function eventOf(cursor: RecordCursor): EnrichedEvent | null {
  if (cursor.valueStart < 0) return null;
  try {
    return JSON.parse(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd)) as EnrichedEvent;
  } catch {
    return null;
  }
}
