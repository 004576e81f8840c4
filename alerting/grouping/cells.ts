import type { IncidentEdge, Suppression } from '../../contracts/alert.ts';
import type { LearningCell } from '../learned/learned-cells.ts';
import type { LearnedFacts } from '../scorer.ts';
import type { Sighting, SightingDetail } from '../sighting.ts';
import type { Pulse, SitePulse } from '../sites/pulse.ts';
import type { Silences } from '../suppression/usual-silence.ts';

/** Stands for a rule where events' own severity says that something is wrong. */
export const bySeverity = 'event-severity';

/** An episode's kind: one name on one host. Episodes of a kind follow each other; at most one is live. */
export interface KindCell {
  readonly cell: 'kind';
  readonly name: string;
  readonly host: string;
  /** Episodes so far. */
  episodes: number;
  /** The alert that its last episode belongs to, and when that episode began and was last reported. */
  alert: string;
  openedMs: number;
  lastMs: number;
  /** What it was told of lasts until it is told clear. */
  held?: boolean;
  /** Days of the last two weeks on which an episode began, since the epoch, oldest first. */
  days?: readonly number[];
  /** Reports of the episode that goes on or was last, and of the longest one before it. */
  reports?: number;
  most?: number;
  /** When what lasted was over, of late: often within a short time is flapping. */
  clears?: number[];
}

export interface NameCell {
  readonly cell: 'name';
  episodes: number;
  lastMs: number;
  /** The alert of this name that opened last: another host that reports soon after joins it. */
  alert: string;
  alertOpenedMs: number;
  /** By organization the incident that an alert of this name joined of late, the last one last. */
  incidents?: readonly NameIncident[];
}

export interface NameIncident {
  readonly organizationId: string;
  readonly id: string;
  readonly alertId: string;
  readonly atMs: number;
}

export interface HostCell {
  readonly cell: 'host';
  episodes: number;
  kinds: number;
  lastMs: number;
  heat: Heat;
  /** Absent while it gives signs of life, or where nobody knows. */
  presence?: 'late' | 'no-data';
  /** The alert that says so. */
  silence?: string;
  /** Since when no data comes, and the silences before that ended: what is usual for it. */
  silentSinceMs?: number;
  silences?: Silences;
  /** Its site fell silent with it: the kind that says so. */
  under?: Under;
  /** The incident that an alert of this host was part of last. */
  incident?: { readonly id: string; readonly alertId: string };
}

/** What all of a tenant's alerts have in common. */
export interface TotalsCell {
  readonly cell: 'totals';
  episodes: number;
  kinds: number;
  hosts: number;
  names: number;
  /** Newest time seen. */
  nowMs: number;
  heat: Heat;
  /** How many episodes came as the first of their kind, the second …, in classes. */
  repeats: number[];
}

/** A sum of surprise that fades: `faded` as of `atMs`, and `total`, which never fades. */
export interface Heat {
  faded: number;
  total: number;
  atMs: number;
}

/** An alert: one or more episodes of one name. */
export interface AlertCell {
  readonly cell: 'alert';
  readonly id: string;
  readonly name: string;
  /** The host that reported first. */
  readonly host: string;
  /** Counts up within the tenant: the order in which alerts opened. */
  readonly ordinal: number;
  readonly openedMs: number;
  lastMs: number;
  count: number;
  hosts: number;
  /** Hosts on which it lasts until told clear; absent where reports are of a moment. */
  holding?: number;
  /** What lasts is that no data comes. */
  noData?: boolean;
  /** It flaps: how often it was over within the time that tells so. And since when nothing of it lasts. */
  flaps?: number;
  calmMs?: number;
  /** It is of hosts that are silent under this. */
  under?: Under;
  /** The incident that it is part of, and what relates it to another alert of it; null for the first. */
  incident?: { readonly id: string; readonly edge: IncidentEdge | null };
  /** Why and when it was kept out of sight, oldest first; the last is going on where it has no end. */
  suppressions?: Suppression[];
  /** Until when what it tells of, the silence of its hosts, is usual for each of them. */
  usualUntilMs?: number;
  /** The rule that found it; absent where events' own severity did. */
  rule?: NonNullable<Sighting['rule']>;
  /** Of the first report, with the highest severity of any. */
  detail?: SightingDetail;
  /** What was known when it opened. */
  readonly history: AlertHistory;
  /** What people's feedback said of such alerts when it opened, and the circumstances it opened in. */
  learned?: { readonly circumstance: string; readonly facts: LearnedFacts };
  heatHere: number;
  heatElsewhere: number;
  /** Heat's totals when it opened, itself included; undefined once it has settled. */
  open?: { readonly here: number; readonly all: number };
}

/** Related alerts, as one matter. Gone once it is closed. */
export interface IncidentCell {
  readonly cell: 'incident';
  readonly id: string;
  readonly openedMs: number;
  /** Alerts that joined it since their trouble was in it already. */
  spread?: number;
  /** When an alert of it opened last. */
  lastMs: number;
  /** Its alerts that did not end. */
  going: number;
  /** Since when there is none. */
  calmMs?: number;
}

/** The kind of trouble that explains that a host is silent, while it lasts. */
export interface Under {
  readonly host: string;
  readonly name: string;
}

/** An organization's devices: what each partition of detection said last, and what it comes to. */
export interface SiteCell {
  readonly cell: 'site';
  lastMs: number;
  readonly parts: Record<string, Pick<SitePulse, 'present' | 'silent'>>;
  /** It is silent: since when, and how many devices were away at most. */
  cut?: { readonly sinceMs: number; readonly rule: NonNullable<Pulse['rule']>; most: number };
  /** By device that fell silent with it and was not heard since: the partition that says so. */
  readonly away: Record<string, number>;
  /** Its silences that ended: what is usual for it. */
  silences: Silences;
}

export interface AlertHistory {
  readonly episodes: number;
  readonly kinds: number;
  readonly ofKind: number;
  readonly ofName: number;
  readonly ofHost: number;
}

export type Cell =
  KindCell | NameCell | HostCell | TotalsCell | AlertCell | IncidentCell | SiteCell | LearningCell;

/** The rule that found it; of what events' own severity says, a name that stands for all of that. */
export function ruleIdOf({ rule }: { readonly rule?: AlertCell['rule'] }): string {
  return rule?.ruleId ?? bySeverity;
}

/** Where cells are kept: the keyed state of a stage, or memory. What was got and changed is put again. */
export interface Cells {
  get(key: string): Cell | undefined;
  put(key: string, cell: Cell): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, Cell]>;
}

export function createCells(): Cells {
  const cells = new Map<string, Cell>();
  return {
    get: (key) => cells.get(key),
    put: (key, cell) => {
      cells.set(key, cell);
    },
    delete: (key) => {
      cells.delete(key);
    },
    entries: () => cells.entries(),
  };
}
