import type { StreamedAlert } from '../../contracts/alert.ts';
import { isToldTo, type NotificationTarget } from '../../contracts/notification.ts';
import { type Cause, minuteMs } from './plan.ts';

/** A report may come that much before what it is about is counted from, or after it. */
const earlyMs = 2 * minuteMs;
const lateMs = 15 * minuteMs;

/** Of what somebody is told: a target of notifications, as far as it chooses. */
export type Target = Pick<NotificationTarget, 'minScore' | 'minSeverity'>;

/** An incident of which somebody was told. */
export interface Page {
  readonly incidentId: string;
  readonly atMs: number;
  readonly title: string;
  readonly score: number;
  /** What it was about in truth: causes that somebody is to be told of; empty for a false page. */
  readonly causes: readonly string[];
  /** The kind of the harmless thing that a false page was about; null where nothing explains it. */
  readonly harmless: string | null;
}

export interface MissedCause {
  readonly causeId: string;
  readonly kind: string;
  readonly why:
    'no alert' | 'hidden' | 'not told by this target' | 'in an incident told of before' | 'told too late';
}

export interface Judged {
  readonly target: Target;
  readonly pages: readonly Page[];
  readonly missed: readonly MissedCause[];
  /** By cause that was told of: when, after it could be at the earliest. */
  readonly surfacedAfterMs: ReadonlyMap<string, number>;
  /** Pages about more than one cause, and pages of a cause beyond its first. */
  readonly overMerged: number;
  readonly repeated: number;
}

interface Told {
  readonly atMs: number;
  readonly alert: StreamedAlert;
}

interface Seen {
  readonly alert: StreamedAlert;
  readonly firstSaidMs: number;
  /** When it was first shown and going on, and the highest score that it had then. */
  shownMs: number | null;
  causes: readonly Cause[];
}

/**
 * Takes what the stream says of alerts and decides as the outbox of notifications does: of an incident somebody is told
 * when an alert of it is shown, goes on, and has the least score of the target; once. What alerts were about is looked
 * up in the plan, by device, time and the name that the rule or the event gave.
 */
export class Judge {
  readonly #causes: readonly Cause[];
  readonly #seen = new Map<string, Seen>();
  readonly #told: ReadonlyMap<Target, Map<string, Told>>;

  constructor(causes: readonly Cause[], targets: readonly Target[]) {
    this.#causes = causes;
    this.#told = new Map(targets.map((target) => [target, new Map<string, Told>()]));
  }

  /** Answers the targets that are told of the alert's incident by this, the first time. */
  take(alert: StreamedAlert, atMs: number): readonly Target[] {
    let seen = this.#seen.get(alert.alertId);
    if (seen === undefined) {
      seen = { alert, firstSaidMs: atMs, shownMs: null, causes: this.#causesOf(alert) };
      this.#seen.set(alert.alertId, seen);
    }
    if (alert.hidden || alert.state === 'OK') return [];
    seen.shownMs ??= atMs;
    const toldNow: Target[] = [];
    for (const [target, told] of this.#told) {
      const incidentId = incidentOf(alert);
      if (!isToldTo(target, alert) || told.has(incidentId)) continue;
      told.set(incidentId, { atMs, alert });
      toldNow.push(target);
    }
    return toldNow;
  }

  /** Whether a shown alert of an incident was a sign of trouble, so far. */
  isReal(incidentId: string): boolean {
    for (const { alert, shownMs, causes } of this.#seen.values()) {
      if (shownMs !== null && incidentOf(alert) === incidentId && causes.some(({ page }) => page))
        return true;
    }
    return false;
  }

  get alerts(): number {
    return this.#seen.size;
  }

  get hidden(): number {
    return [...this.#seen.values()].filter(({ shownMs }) => shownMs === null).length;
  }

  judged(target: Target): Judged {
    const told = this.#told.get(target) ?? new Map<string, Told>();
    const byIncident = Map.groupBy(this.#seen.values(), ({ alert }) => incidentOf(alert));
    const pages = [...told].map(([incidentId, { atMs, alert }]): Page => {
      const causes = (byIncident.get(incidentId) ?? []).flatMap(({ shownMs, causes: of }) =>
        shownMs === null ? [] : of,
      );
      const real = new Set(causes.filter(({ page }) => page).map(({ causeId }) => causeId));
      const harmless = real.size > 0 ? null : (causes.find(({ page }) => !page)?.kind ?? null);
      const { title, score } = alert;
      return { incidentId, atMs, title, score, causes: [...real], harmless };
    });
    const surfacedAfterMs = new Map<string, number>();
    const missed: MissedCause[] = [];
    for (const cause of this.#causes.filter(({ page }) => page)) {
      const atMs = firstPageOf(cause, pages);
      if (atMs !== null) surfacedAfterMs.set(cause.causeId, Math.max(0, atMs - cause.fromMs));
      else missed.push({ causeId: cause.causeId, kind: cause.kind, why: this.#why(cause, pages) });
    }
    const perCause = pages.flatMap(({ causes }) => causes);
    return {
      ...{ target, pages, missed, surfacedAfterMs },
      overMerged: pages.filter(({ causes }) => causes.length > 1).length,
      repeated: perCause.length - new Set(perCause).size,
    };
  }

  #why(cause: Cause, pages: readonly Page[]): MissedCause['why'] {
    const of = [...this.#seen.values()].filter(({ causes }) => causes.includes(cause));
    if (of.length === 0) return 'no alert';
    const shown = of.filter(({ shownMs }) => shownMs !== null);
    if (shown.length === 0) return 'hidden';
    const about = pages.filter(({ causes }) => causes.includes(cause.causeId));
    if (about.length === 0) return 'not told by this target';
    return about.some(({ atMs }) => atMs < cause.fromMs) ? 'in an incident told of before' : 'told too late';
  }

  /** Those of trouble, or else those that are harmless. */
  #causesOf({ deviceId, organizationId, firstEventTimeMs, fingerprint }: StreamedAlert): readonly Cause[] {
    const name = `${fingerprint.ruleId} ${fingerprint.fields['name'] ?? ''}`;
    const all = this.#causes.filter(
      ({ deviceIds, organizationId: site, fromMs, beganMs = fromMs, toMs, signs }) =>
        (deviceId === null ? site !== undefined && site === organizationId : deviceIds.has(deviceId)) &&
        firstEventTimeMs >= beganMs - earlyMs &&
        firstEventTimeMs <= toMs + lateMs &&
        signs.test(name),
    );
    const real = all.filter(({ page }) => page);
    return real.length > 0 ? real : all.slice(0, 1);
  }
}

/** The first page about it that was not made before it began. */
function firstPageOf({ causeId, fromMs, toMs }: Cause, pages: readonly Page[]): number | null {
  const times = pages
    .filter(({ causes }) => causes.includes(causeId))
    .map(({ atMs }) => atMs)
    .filter((atMs) => atMs >= fromMs - earlyMs && atMs <= toMs + lateMs);
  return times.length === 0 ? null : Math.min(...times);
}

function incidentOf({ incident, alertId }: StreamedAlert): string {
  return incident?.incidentId ?? alertId;
}
