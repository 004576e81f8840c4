import type { Alert, AlertStatus, AlertStep } from '../../contracts/alert.ts';
import type { Completeness } from '../../contracts/completeness.ts';
import type { Device } from '../../contracts/device.ts';
import type { Severity, StoredEvent } from '../../contracts/event.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { Role } from '../../contracts/tenant.ts';

export type { Device, PipelineStatus, Severity };

/** Who is signed in, as `GET /api/v1/session` answers. */
export interface Session {
  readonly tenantId: string;
  readonly role: Role;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Of lists made of events. */
  readonly completeness?: Completeness;
}

/** An event as lists answer it: `data` is there only where one event was asked for. */
export type ListedEvent = StoredEvent;

/** Counts by bucket, ascending; `groups` names severities. */
export interface EventStats {
  readonly completeness?: Completeness;
  readonly total: number;
  readonly buckets: readonly {
    readonly start: string;
    readonly count: number;
    readonly groups?: readonly { readonly key: string; readonly count: number }[];
  }[];
}

/** One series for each device and label set; points are [epoch ms, value]. */
export interface MetricSeriesAnswer {
  readonly completeness?: Completeness;
  readonly series: readonly {
    readonly deviceId: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** An alert as REST answers it: its times are RFC 3339. */
export interface ListedAlert extends Omit<
  Alert,
  'firstEventTimeMs' | 'lastEventTimeMs' | 'snoozedUntilMs' | 'steps'
> {
  readonly firstEventTime: string;
  readonly lastEventTime: string;
  readonly snoozedUntil: string | null;
  readonly steps: readonly (Omit<AlertStep, 'atMs'> & { readonly at: string })[];
}

export interface AlertStats {
  readonly completeness?: Completeness;
  /** Reports folded into those alerts. */
  readonly reports: number;
  readonly total: number;
  readonly byStatus: Readonly<Record<AlertStatus, number>>;
}

/** How many incidents there are, of those that a filter lets through. */
export interface IncidentStats {
  readonly completeness?: Completeness;
  readonly total: number;
  readonly byStatus: Readonly<Record<AlertStatus, number>>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
}

export interface FacetValue {
  readonly value: string | null;
  readonly count: number;
}
