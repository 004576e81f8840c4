import { hash } from 'node:crypto';

import type { Suppression } from '../../contracts/alert.ts';
import type { KeptWindow } from '../../contracts/maintenance-window.ts';
import type { AlertGroups } from '../grouping/alert-groups.ts';
import { type AlertCell, ruleIdOf } from '../grouping/cells.ts';
import type { Sighting } from '../sighting.ts';
import type { WindowSet } from '../window-book.ts';
import { type Occurrences, occurrencesOf } from '../windows/occurrences.ts';
import { type Silences, usualUntilMs } from './usual-silence.ts';

/** Goes up when what is hidden changes. */
const policyVersion = 3;
/** So many of a hundred hidden alerts go to review. */
const reviewPercent = 1;
const mostReceipts = 20;

/** On so many hosts within moments silence is no habit: of four, or of one in a hundred where that is more. */
const leastHosts = 4;
const shareOfHosts = 0.01;

/** What a reason is about: an alert, or a report of it on one of its hosts. */
type About = Pick<Sighting, 'host' | 'detail' | 'rule' | 'presence'> & Pick<AlertCell, 'noData'>;
type Reason = Pick<Suppression, 'by' | 'windowId' | 'windowVersion' | 'parentAlertId' | 'usualUntilMs'>;
const noReason = { windowId: null, windowVersion: null, parentAlertId: null, usualUntilMs: null };

/**
 * Decides which alerts are kept out of sight, and writes the receipt: those that open within a maintenance window, those
 * that others report of a device which gives no sign of life, what follows from the silence of a site or a parent, a
 * silence while that is usual, and what events say that comes on that device all the time. When the reason is gone the
 * alert is shown if it goes on by itself, else with its next report: the end of a window pages what is still bad, nothing
 * else.
 */
export class Suppressor {
  readonly #planned = new WeakMap<KeptWindow, Occurrences>();
  #windows: WindowSet = { of: () => new Map() };

  useWindows(windows: WindowSet): void {
    this.#windows = windows;
  }

  /** An alert opened by a report: hides it where there is a reason. */
  opened(
    tenantId: string,
    groups: AlertGroups,
    alert: AlertCell,
    { presence, rule }: Sighting,
    score: number,
  ): void {
    if (presence === 'no-data')
      this.#noteHabit(alert, groups.silencesOf({ host: alert.host }), alert.openedMs);
    else if (rule?.kind === 'joint-silence')
      this.#noteHabit(alert, groups.silencesOf({ site: alert.detail?.organizationId ?? '' }), alert.openedMs);
    const reason = this.#reasonFor(tenantId, groups, alert, alert, alert.openedMs);
    if (reason === null) return;
    const receipt = { ...reason, policyVersion, fromMs: alert.openedMs, toMs: null, ended: null, score };
    alert.suppressions = [...(alert.suppressions ?? []), receipt].slice(-mostReceipts);
    groups.keep(alert);
  }

  /**
   * Looks whether a hidden alert still has a reason; true where it has none and is shown, or where more is known of it.
   * `reported`: what was just reported of it, maybe on another host: trouble that spreads to where no reason holds is
   * shown at once.
   */
  reconsider(
    tenantId: string,
    groups: AlertGroups,
    alert: AlertCell,
    nowMs: number,
    reported: Sighting | null,
  ): boolean {
    if (!isHidden(alert) || (reported === null && (alert.holding ?? 0) === 0)) return false;
    if (reported?.presence === 'no-data')
      this.#noteHabit(alert, groups.silencesOf({ host: reported.host }), nowMs);
    const reason = this.#reasonFor(tenantId, groups, alert, reported ?? alert, nowMs);
    if (reason !== null) {
      const named = nameParent(alert, reason);
      if (named) groups.keep(alert);
      return named;
    }
    endReceipt(alert, nowMs, reported === null ? 'goes-on' : 'reported');
    groups.keep(alert);
    return true;
  }

  /** Until when the silence of this alert is usual: as long as it is for the host that is longest away; for none where one has no habit. */
  #noteHabit(alert: AlertCell, silences: Silences, fromMs: number): void {
    const untilMs = usualUntilMs(silences, fromMs);
    const before = alert.usualUntilMs ?? (alert.hosts === 1 ? 0 : null);
    if (untilMs === null || before === null) delete alert.usualUntilMs;
    else alert.usualUntilMs = Math.max(before, untilMs);
  }

  #reasonFor(
    tenantId: string,
    groups: AlertGroups,
    alert: AlertCell,
    about: About,
    nowMs: number,
  ): Reason | null {
    for (const window of this.#windows.of(tenantId).values()) {
      if (!covers(window, about) || this.#occurrences(window).at(nowMs) === null) continue;
      return { ...noReason, by: 'window', windowId: window.windowId, windowVersion: window.version };
    }
    const { silence } = groups.signsOf(about.host);
    const isSilence = about.presence === 'no-data' || about.noData === true;
    // What a rule finds is known of the stream itself, but for the silence that follows from another.
    const follows = isSilence || (silence !== null && about.rule === undefined);
    const explained = follows ? groups.explanationOf(about.host) : null;
    if (explained !== null) return { ...noReason, by: 'parent', parentAlertId: explained.alert?.id ?? null };
    const { usualUntilMs: untilMs = 0 } = alert;
    if (nowMs < untilMs && alert.hosts < Math.max(leastHosts, shareOfHosts * groups.hostCount()))
      return { ...noReason, by: 'habit', usualUntilMs: untilMs };
    const { severity = 'WARNING' } = about.detail ?? {};
    if (
      about.rule === undefined &&
      severity !== 'CRITICAL' &&
      groups.isChronic(alert.name, about.host, nowMs)
    )
      return { ...noReason, by: 'habit' };
    if (silence === null || about.rule !== undefined) return null;
    return { ...noReason, by: 'parent', parentAlertId: silence };
  }

  #occurrences(window: KeptWindow): Occurrences {
    let known = this.#planned.get(window);
    if (known === undefined) this.#planned.set(window, (known = occurrencesOf(window)));
    return known;
  }
}

/** A parent that was late when its child was hidden is silent by now, and an alert says so: true where that is new. */
function nameParent(alert: AlertCell, { by, parentAlertId }: Reason): boolean {
  const last = alert.suppressions?.at(-1);
  if (by !== 'parent' || parentAlertId === null) return false;
  if (last?.by !== 'parent' || last.parentAlertId !== null) return false;
  alert.suppressions = [...(alert.suppressions ?? []).slice(0, -1), { ...last, parentAlertId }];
  return true;
}

export function isHidden({ suppressions }: AlertCell): boolean {
  return suppressions?.at(-1)?.toMs === null;
}

/** It ended, or is shown. */
export function endReceipt(alert: AlertCell, nowMs: number, ended: Suppression['ended']): void {
  const last = alert.suppressions?.at(-1);
  if (last?.toMs !== null) return;
  alert.suppressions = [...(alert.suppressions ?? []).slice(0, -1), { ...last, toMs: nowMs, ended }];
}

/** Chosen by the alert's id, which nobody who reports can choose: the same again in a replay. */
export function isReviewed({ id, suppressions }: AlertCell): boolean {
  if (suppressions === undefined) return false;
  return hash('sha256', `review/1/${id}`, 'buffer').readUInt32BE(0) / 2 ** 32 < reviewPercent / 100;
}

/** Without anything named a window is of the whole tenant; what is named must all hold. */
function covers({ deviceIds, organizationIds, ruleIds }: KeptWindow, { detail, host, rule }: About): boolean {
  return (
    (deviceIds?.includes(detail?.deviceId ?? host) ?? true) &&
    (organizationIds === undefined || organizationIds.includes(detail?.organizationId ?? '')) &&
    (ruleIds === undefined || ruleIds.includes(ruleIdOf({ rule })))
  );
}
