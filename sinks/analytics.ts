import type { Severity, StoredEvent } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Sink } from '../streams/sink.ts';
import type { StoredEventId } from './event-log.ts';
import type { SqlConsole } from './sql.ts';

/** Which events are asked for. All given conditions hold together; lists are alternatives. */
export interface EventFilter {
  /** Inclusive, milliseconds since the epoch. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
  readonly eventTypes?: readonly string[];
  readonly toolTypes?: readonly string[];
  readonly severities?: readonly Severity[];
  readonly organizationIds?: readonly string[];
  readonly deviceId?: string;
  /** Only events that name no device. */
  readonly withoutDevice?: boolean;
  /** Words, each of which must start a word of summary, host name, organization or message; case does not matter. */
  readonly search?: string;
}

export type SortDirection = 'asc' | 'desc';

/** The place after one row in the order (eventTime, eventId): stable while rows are added. */
export interface EventPosition {
  readonly eventTimeMs: number;
  readonly eventId: string;
}

export interface EventPageRequest {
  readonly filter: EventFilter;
  readonly limit: number;
  readonly sort: SortDirection;
  readonly after?: EventPosition;
}

export type FacetName = 'eventType' | 'toolType' | 'severity' | 'organizationId' | 'deviceId';
export interface FacetValue {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

export interface EventStatsRequest {
  readonly filter: EventFilter;
  /** Width of a bucket; buckets start at multiples of it since the epoch. */
  readonly bucketMs: number;
  readonly groupBy?: FacetName;
  /** The groups kept by name, by total count; the rest are counted in the bucket alone. */
  readonly top: number;
}

export interface EventStats {
  readonly total: number;
  readonly buckets: readonly {
    readonly startMs: number;
    readonly count: number;
    readonly groups: readonly { readonly key: string; readonly count: number }[];
  }[];
}

export const aggregates = ['avg', 'min', 'max', 'p50', 'p95', 'p99', 'sum', 'count'] as const;
export type Aggregate = (typeof aggregates)[number];

export interface MetricSeriesRequest {
  readonly name: string;
  /** Of these devices alone. */
  readonly deviceIds?: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly aggregate: Aggregate;
}

export interface MetricSeries {
  readonly deviceId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** [bucket start in milliseconds since the epoch, aggregate of the bucket's samples], ascending. */
  readonly points: readonly (readonly [number, number])[];
}

/**
 * What answers filters, counts and series (Pinot; a DuckDB file). `write` takes records of the enriched topic
 * and is idempotent by event. Every reader is confined to its scope's tenant.
 */
export interface Analytics extends Sink {
  /** Events in the order of `sort`, newest or oldest first. Their `data` is null: the event log has it. */
  events(scope: TenantScope, request: EventPageRequest): Promise<readonly StoredEvent[]>;
  /** Counts by value, largest first, at most `limit` values a facet. */
  facets(
    scope: TenantScope,
    filter: EventFilter,
    limit: number,
  ): Promise<Readonly<Record<FacetName, readonly FacetValue[]>>>;
  stats(scope: TenantScope, request: EventStatsRequest): Promise<EventStats>;
  /**
   * One series for each device and label set that has samples in the range, at most 200. Named devices share these
   * evenly, so that none is left out: each has its series with the shortest label sets.
   */
  metricSeries(scope: TenantScope, request: MetricSeriesRequest): Promise<readonly MetricSeries[]>;
  /** Every matching event, streamed in pages of the order of `sort`; memory does not grow with the result. */
  exportEvents(
    scope: TenantScope,
    filter: EventFilter,
    sort: SortDirection,
    signal: AbortSignal,
  ): AsyncIterable<readonly StoredEvent[]>;
  /** When the row of this event was written, milliseconds since the epoch; null where there is none. For traces. */
  storedAtMs(scope: TenantScope, eventId: string): Promise<number | null>;
  /** Every event id that is stored, by tenant, in no order. For `verify`, which speaks for all tenants. */
  eventIds(): AsyncIterable<readonly StoredEventId[]>;
  /** As `EventLog.deleteBefore`. */
  deleteBefore(eventTimeMs: number, except?: readonly string[]): Promise<void>;
  readonly sql: SqlConsole;
  /** Of an engine that reads the enriched topic by itself. `write` then confirms that it has read the records. */
  readonly readsLog?: ReadsLog;
}

export interface ReadsLog {
  /** The topics that are read, as `topics` names them: the enriched one, and those beside it. */
  readonly topics: readonly string[];
  /** By partition of a topic: the offset that is read next. What lies before it is in every answer. */
  progress(topic: string): Promise<ReadonlyMap<number, number>>;
  /** Drops all that is stored and begins to read the topic from its start. */
  startAnew(): Promise<void>;
}
