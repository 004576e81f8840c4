import type { StoredEvent } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Sink } from '../streams/sink.ts';

/**
 * The event log: every event whole, keyed by the event (Cassandra; a DuckDB file). `write` takes records of
 * the enriched topic; the same event again leaves one row. A device event with the header `backfill` also
 * completes host name and organization of that device's earlier rows which lack them.
 */
export interface EventLog extends Sink {
  /** One event with its data; null where this tenant has none of that id. */
  event(scope: TenantScope, eventId: string): Promise<StoredEvent | null>;
  /** When the row of this event was written, milliseconds since the epoch; null where there is none. For traces. */
  storedAtMs(scope: TenantScope, eventId: string): Promise<number | null>;
  /** Every event id that is stored, by tenant, in no order. For `verify`, which speaks for all tenants. */
  eventIds(): AsyncIterable<readonly StoredEventId[]>;
  /**
   * Removes events older than this moment, but those of the unified types `except`. Where rows have a time to live of
   * their own (Cassandra), nobody needs to leave types out: `ARGUMENT_INVALID`.
   */
  deleteBefore(eventTimeMs: number, except?: readonly string[]): Promise<void>;
}

export interface StoredEventId {
  readonly tenantId: string;
  readonly eventId: string;
}
