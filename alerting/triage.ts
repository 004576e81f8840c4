import type { Alert, IncidentEdge, Suppression } from '../contracts/alert.ts';
import type { Severity } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { FallbackReason, Findings, Triage, TriageStep } from '../contracts/triage.ts';

interface Row<Kind extends string> {
  /** See `evidenceRowSchema`. */
  readonly id: string;
  readonly kind: Kind;
}

/**
 * The facts of a row. Text from devices (`title`, `summary`, `hostname`, `organizationName`, `found`, and the ids that
 * tools give) is hostile: it is cut to a length, and nothing else is done to it.
 */
export type EvidenceFacts = AlertRow | EdgeRow | ReceiptRow | DeviceRow | EventRow;

export interface AlertRow
  extends
    Row<'alert'>,
    Pick<Alert, 'alertId' | 'title' | 'severity' | 'state' | 'status' | 'hidden' | 'flaps' | 'hosts'> {
  readonly deviceId: string | null;
  /** A whole number, 0 to 100. */
  readonly score: number;
  /** The two leading digits are true, so that a row stays as it is while an alert goes on. */
  readonly reports: number;
  readonly openedMs: number;
  /** Null while it goes on. */
  readonly lastMs: number | null;
  /** The rule that found it, and what it saw; null where events' own severity did. */
  readonly ruleId: string | null;
  readonly found: string | null;
  /** The terms of its score that weigh most. */
  readonly reasons: readonly string[];
}

export interface EdgeRow extends Row<'edge'> {
  readonly alertId: string;
  readonly relation: IncidentEdge['kind'];
  readonly toAlertId: string;
  readonly gapMs: number;
}

export interface ReceiptRow
  extends
    Row<'receipt'>,
    Pick<Suppression, 'by' | 'windowId' | 'parentAlertId' | 'fromMs' | 'toMs' | 'ended'> {
  readonly alertId: string;
}

export interface DeviceRow extends Row<'device'> {
  readonly deviceId: string;
  readonly hostname: string | null;
  readonly organizationName: string | null;
  readonly online: boolean;
  /** Null while it is online. */
  readonly lastSeenMs: number | null;
  readonly os: string | null;
}

export interface EventRow extends Row<'event'> {
  readonly eventId: string;
  readonly deviceId: string | null;
  readonly atMs: number;
  readonly eventType: string;
  readonly severity: Severity;
  readonly summary: string;
  /** Somebody or something changed the device shortly before the incident began. */
  readonly change: boolean;
}

/** What of an incident a triage rests on, of one tenant alone. */
export interface IncidentEvidence {
  readonly incidentId: string;
  /** Alerts in the order they opened, each with its edge and its receipts, then devices, then events by time. */
  readonly rows: readonly EvidenceFacts[];
  /** Rows that there was no room for. */
  readonly leftOut: number;
  /** Of the rows, SHA-256, hexadecimal. */
  readonly hash: string;
}

/** What a maker comes to. */
export type TriageOutcome =
  | { readonly kind: 'made'; readonly findings: Findings; readonly tokens: Triage['tokens'] }
  | {
      readonly kind: 'not-made';
      readonly reason: FallbackReason;
      /** One sentence for people, without text from devices, models or secrets. */
      readonly message: string;
    };

/** The steps of a maker on its way, and last what it comes to. */
export type MakerStep =
  Exclude<TriageStep, { kind: 'triage' }> | { readonly kind: 'outcome'; readonly outcome: TriageOutcome };

/**
 * Makes something of an incident's evidence. Called when a person asks, never by event. What it says is not trusted:
 * whoever calls strikes out the claims that cite no given row.
 */
export interface TriageMaker {
  /** Stands on the triage as `madeBy`. */
  readonly name: string;
  /** Of today (UTC), for this tenant. */
  tokensLeft(scope: TenantScope): Promise<number>;
  /** Ends early where `signal` aborts. Throws `STORE_UNAVAILABLE` alone; what goes wrong with a model is an outcome. */
  make(scope: TenantScope, evidence: IncidentEvidence, signal: AbortSignal): AsyncIterable<MakerStep>;
}
