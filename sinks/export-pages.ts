import type { StoredEvent } from '../contracts/event.ts';
import type { EventFilter, EventPageRequest, EventPosition, SortDirection } from './analytics.ts';

const exportPageRows = 5_000;

/**
 * Every matching event in pages, each asked of the engine by `eventPage` from where the one before
 * ended: see `Analytics.exportEvents`. Rejects with the signal's reason when it aborts.
 */
export async function* exportPages(
  eventPage: (request: EventPageRequest) => Promise<readonly StoredEvent[]>,
  filter: EventFilter,
  sort: SortDirection,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  let after: EventPosition | undefined;
  for (;;) {
    signal.throwIfAborted();
    const request = { filter, limit: exportPageRows, sort };
    const page = await eventPage(after === undefined ? request : { ...request, after });
    const last = page.at(-1);
    if (last !== undefined) yield page;
    if (last === undefined || page.length < exportPageRows) return;
    after = { eventTimeMs: Date.parse(last.eventTime), eventId: last.eventId };
  }
}
