import type { Alert, AlertState, AlertStatus } from '../contracts/alert.ts';
import type { Severity } from '../contracts/event.ts';
import type { Incident, NoiseStats, SuppressionStats } from '../contracts/incident.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { WholeIncident } from './incidents.ts';

/** `shown`: not kept out of sight. `review`: hidden at some time, and chosen to be judged. */
export const alertVisibilities = ['shown', 'hidden', 'review', 'all'] as const;
export type AlertVisibility = (typeof alertVisibilities)[number];

/** Alerts that meet every condition that is given; a list holds alternatives. */
export interface AlertFilter {
  readonly statuses?: readonly AlertStatus[] | undefined;
  readonly states?: readonly AlertState[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly deviceId?: string | undefined;
  readonly organizationId?: string | undefined;
  /** Alerts whose last report is at `fromMs` or later, and whose first is before `toMs`. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly minScore?: number | undefined;
  /** Part of the title, in any case. */
  readonly search?: string | undefined;
  /** Default `shown`. */
  readonly visibility?: AlertVisibility | undefined;
  readonly incidentId?: string | undefined;
}

/** Incidents that meet every condition that is given; a list holds alternatives. */
export interface IncidentFilter {
  readonly statuses?: readonly AlertStatus[] | undefined;
  readonly states?: readonly AlertState[] | undefined;
}

/** The incidents that are asked for: the highest score first. */
export interface IncidentRequest extends IncidentFilter {
  readonly limit: number;
}

export interface IncidentStats {
  readonly total: number;
  readonly byStatus: Readonly<Record<AlertStatus, number>>;
  readonly byState: Readonly<Record<AlertState, number>>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
}

/** `score`: the highest first. `newest`: the last report first. Equals by id, ascending. */
export const alertSorts = ['score', 'newest'] as const;
export type AlertSort = (typeof alertSorts)[number];

/** Where a page ended: what it was sorted by, and the id. */
export interface AlertPosition {
  readonly by: number;
  readonly alertId: string;
}

export interface AlertListRequest extends AlertFilter {
  readonly sort: AlertSort;
  readonly limit: number;
  /** Answers what comes after this place. */
  readonly after?: AlertPosition | undefined;
}

export interface AlertStats {
  readonly total: number;
  /** Reports folded into those alerts. */
  readonly reports: number;
  readonly byStatus: Readonly<Record<AlertStatus, number>>;
  readonly byState: Readonly<Record<AlertState, number>>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
}

/** One tenant's alerts, for those who ask. No alert of another tenant is ever answered or counted. */
export interface AlertReader {
  /** Null where this tenant has none of that id. */
  get(scope: TenantScope, alertId: string): Promise<Alert | null>;
  list(scope: TenantScope, request: AlertListRequest): Promise<readonly Alert[]>;
  stats(scope: TenantScope, filter: AlertFilter): Promise<AlertStats>;
  /** Incidents with an alert that is shown. */
  incidents(scope: TenantScope, request: IncidentRequest): Promise<readonly Incident[]>;
  /** How many there are of those that `incidents` lists. */
  incidentStats(scope: TenantScope, filter: IncidentFilter): Promise<IncidentStats>;
  /** Null where this tenant has none of that id. */
  incident(scope: TenantScope, incidentId: string): Promise<WholeIncident | null>;
  suppression(scope: TenantScope): Promise<SuppressionStats>;
  /** How well alerts are folded and ranked, by what people said of them. */
  noise(scope: TenantScope): Promise<NoiseStats>;
}

/** What `alert` has at `sort`: for the position after it. */
export function positionOf(alert: Alert, sort: AlertSort): AlertPosition {
  return { by: sort === 'score' ? alert.score : alert.lastEventTimeMs, alertId: alert.alertId };
}
