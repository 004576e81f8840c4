import { severityRank } from '../../contracts/alert.ts';
import { severities } from '../../contracts/event.ts';
import { type AlertFacts, strengthOf } from '../scorer.ts';
import { isLearning } from '../learned/learned-cells.ts';
import type { Presence, Sighting } from '../sighting.ts';
import type { AlertCell, Cell, Cells, HostCell, KindCell, NameCell, TotalsCell, Under } from './cells.ts';
import { alertIdOf } from './cell-keys.ts';
import { fixHeat, heatOf } from './alert-heat.ts';
import { endAlert } from './end-alert.ts';
import { type Explanation, explanationOf, type ParentByDevice } from './explained.ts';
import { addHeat, heatAt } from './heat.ts';
import { isClosed, joinIncident } from './incidents.ts';
import { type Cleared, lasts, takeClear, takePresence } from './lasting.ts';
import type { GroupingOptions } from './options.ts';
import { type Place, placeOf } from './place.ts';
import { countRepeat, historyOf, surpriseOf } from './repeats.ts';
import { asOfCrowd, isNeeded, TenantCells, uncount } from './tenant-cells.ts';
import { countDay, isChronic } from '../suppression/chronic.ts';
import { takePulse } from '../sites/cut-sites.ts';
import type { Pulse } from '../sites/pulse.ts';
import type { Silences } from '../suppression/usual-silence.ts';

type Entries = Iterable<readonly [string, Cell]>;

/** What one report came to. */
export interface Grouped {
  readonly alert: AlertCell;
  /** The report opened the alert. */
  readonly opened: boolean;
}

/**
 * Folds one tenant's reports into alerts and keeps what their scores are computed from. A kind is a name on a host;
 * its reports form episodes, which end after a gap that grows with the kind's history. An episode is an alert, but
 * for one whose name opened on another host a moment ago: it joins that alert, so trouble that comes over many hosts
 * at once is one alert; and what events say beyond the alerts that an organization may have open is one. O(1) a report;
 * the state is in `cells` alone and bounded by the limits of the options.
 *
 * Deterministic in the order of reports, whatever the batches and restarts between them; an alert that waited to be taken
 * as settled at a restart settles after it. A report that is older than the newest counts as of that one's time, so late
 * ones change no history.
 */
export class AlertGroups {
  readonly #tenantId: string;
  readonly #cells: TenantCells;
  readonly #allCells: Cells;
  readonly #options: GroupingOptions;
  /** Alerts that have not settled, oldest first. */
  #settling: AlertCell[];
  #settlingFrom = 0;
  readonly #settled: AlertCell[] = [];
  #parents: ParentByDevice = new Map();

  /** `known`: the entries of `cells` that may be this tenant's, where the caller can tell. */
  constructor(tenantId: string, cells: Cells, options: GroupingOptions, known: Entries = cells.entries()) {
    this.#tenantId = tenantId;
    this.#cells = new TenantCells(tenantId, cells, known);
    this.#options = options;
    this.#allCells = cells;
    this.#settling = this.#cells.alerts().filter(({ open }) => open !== undefined);
  }

  observe(sighting: Sighting): Grouped {
    const nowMs = Math.max(this.#cells.totals().nowMs, sighting.timeMs);
    const place = this.#placeOf(this.#cells.bounded(sighting, this.#options), nowMs, sighting);
    const opensOne = place.live === undefined && place.spreading === undefined;
    const crowd = opensOne ? this.#cells.crowdOf(sighting, this.#options) : null;
    if (crowd === null) return this.#take(place, nowMs, sighting);
    const ofCrowd = asOfCrowd(sighting, this.#options);
    return this.#take(this.#placeOf(crowd, nowMs, ofCrowd), nowMs, ofCrowd);
  }

  /** Takes that something is over which lasts until then; null where nothing of that name lasts on that host. */
  clear(sighting: Sighting): Cleared | null {
    return takeClear(this.#cells, this.#options, sighting);
  }

  /** Takes how sites fall silent. Answers what is to be reported of it, in order; each device knows under what it is. */
  takePulse(pulse: Pulse): readonly Sighting[] {
    return takePulse(this.#cells, pulse);
  }

  /** Called where it changed. */
  useParents(parents: ParentByDevice): void {
    this.#parents = parents;
  }

  /** What a host's silence follows from; null where nothing above it is silent. */
  explanationOf(host: string): Explanation | null {
    return explanationOf(this.#cells, this.#parents, host);
  }

  /** Takes whether a host gives signs of life. Answers the alerts that opened on it: their state depends on that. */
  setPresence(host: string, presence: Presence, timeMs: number): readonly AlertCell[] {
    return takePresence(this.#cells, host, presence, timeMs);
  }

  /** Whether a host gives signs of life; where not, the alert that says so. */
  signsOf(host: string): { readonly presence: Presence; readonly silence: string | null } {
    const { presence = 'ok', silence = null } = this.#cells.host(this.#cells.keys.host(host));
    return { presence, silence };
  }

  /** Whether trouble of this name comes on this host all the time. */
  isChronic(name: string, host: string, nowMs: number): boolean {
    return isChronic(this.#cells.kind(this.#cells.keys.kind(host, name), host, name), nowMs);
  }

  /** Silences that ended, of a host or of an organization's site, oldest first. */
  silencesOf(of: { readonly host: string } | { readonly site: string }): Silences {
    if ('site' in of) return this.#cells.site(of.site).silences;
    return this.#cells.host(this.#cells.keys.host(of.host)).silences ?? [];
  }

  /** Hosts that reported so far and are not forgotten. */
  hostCount(): number {
    return this.#cells.totals().hosts;
  }

  /** Alerts that did not end, in the order they opened. */
  going(): readonly AlertCell[] {
    return this.#cells.alerts();
  }

  /** Keeps an alert that the caller has changed. */
  keep(alert: AlertCell): void {
    this.#cells.putAlert(alert);
  }

  /** The facts as of now: an alert that has not settled may yet gain heat. */
  factsOf(alert: AlertCell): AlertFacts {
    const { here, elsewhere } = heatOf(this.#cells, alert);
    const { history, detail, rule, count, hosts, lastMs, openedMs, learned } = alert;
    const heat = { heatHere: here, heatElsewhere: elsewhere };
    const severity = detail === undefined ? 0 : severityRank(detail.severity);
    const strength = rule === undefined ? 0 : strengthOf(rule.score);
    const measured = { ...history, ...heat, severity, strength, count, hosts, spanMs: lastMs - openedMs };
    return learned === undefined ? measured : { ...measured, learned: learned.facts };
  }

  /** Keeps and returns the next alerts whose facts became final without a report of their own, in the order they opened. */
  takeSettled(most = Infinity): readonly AlertCell[] {
    const taken = this.#settled.splice(0, most).filter(({ id }) => this.#cells.alert(id) !== undefined);
    for (const alert of taken) this.#cells.putAlert(alert);
    return taken;
  }

  /**
   * Forgets what ended and what was not reported for long; returns the alerts that ended, `most` of them, by when they
   * opened. Called every minute or so, sooner where there were as many; `known` as the constructor's.
   */
  expire(nowMs: number, known: Entries = this.#allCells.entries(), most = Infinity): readonly AlertCell[] {
    this.#settle(nowMs);
    const ended: AlertCell[] = [];
    const totals = this.#cells.totals();
    for (const [key, cell] of known) {
      const isOurs = key.startsWith(this.#cells.keys.prefix);
      if (!isOurs || cell.cell === 'totals' || cell.cell === 'site' || isLearning(cell)) continue;
      if (cell.cell === 'incident') {
        if (isClosed(cell, nowMs, this.#options)) this.#cells.delete(key);
        continue;
      }
      const idleMs = nowMs - cell.lastMs;
      if (cell.cell === 'alert') {
        if (ended.length >= most || lasts(this.#cells, cell, nowMs, this.#options)) continue;
        if (cell.flaps === undefined && idleMs <= this.#options.maxGapMs) continue;
        ended.push(cell);
        endAlert(this.#cells, cell, nowMs);
      } else {
        if (idleMs <= this.#options.forgetMs || isNeeded(cell)) continue;
        uncount(cell, totals);
        this.#cells.delete(key);
      }
    }
    if (ended.length > 0) this.#cells.put(this.#cells.keys.totals, totals);
    return ended.sort((a, b) => a.ordinal - b.ordinal);
  }

  #placeOf(at: Under, nowMs: number, { presence }: Sighting): Place {
    const explained = presence === 'no-data' ? this.explanationOf(at.host) : null;
    return placeOf(this.#cells, this.#options, { ...at, nowMs, explained });
  }

  #take(place: Place, nowMs: number, sighting: Sighting): Grouped {
    const { live, kind, key } = place;
    if (live === undefined) return this.#open(place, nowMs, sighting);
    kind.lastMs = Math.max(kind.lastMs, nowMs);
    this.#report(live, kind, nowMs, sighting);
    this.#cells.put(key, kind);
    return { alert: live, opened: false };
  }

  #open({ kind, key, explained, spreading }: Place, nowMs: number, sighting: Sighting): Grouped {
    this.#settle(nowMs);
    const totals = this.#cells.totals();
    const { keys } = this.#cells;
    const [hostKey, nameKey] = [keys.host(kind.host), keys.name(kind.name)];
    const [host, name] = [this.#cells.host(hostKey), this.#cells.name(nameKey)];
    const history = historyOf(totals, kind, name, host);
    const { fadeMs } = this.#options;
    const [here, all] = [heatAt(host.heat, nowMs, fadeMs), heatAt(totals.heat, nowMs, fadeMs)];
    this.#count(totals, host, name, kind, nowMs);
    const alert: AlertCell = spreading ?? {
      cell: 'alert',
      id: alertIdOf(this.#tenantId, kind.name, kind.host, totals.episodes),
      name: kind.name,
      host: kind.host,
      ordinal: totals.episodes,
      openedMs: nowMs,
      lastMs: nowMs,
      count: 0,
      hosts: 0,
      history,
      heatHere: here,
      heatElsewhere: Math.max(0, all - here),
      open: { here: host.heat.total, all: totals.heat.total },
    };
    alert.hosts++;
    kind.alert = alert.id;
    if (spreading === undefined) {
      name.alert = alert.id;
      name.alertOpenedMs = nowMs;
      this.#settling.push(alert);
      if (sighting.detail !== undefined) alert.detail = sighting.detail;
      if (explained !== null) alert.under = explained.under;
      const by = { parent: explained?.alert ?? null, ofEvents: sighting.rule === undefined };
      joinIncident(this.#cells, alert, { host, name, ...by }, this.#options);
    }
    this.#cells.put(keys.totals, totals);
    this.#cells.put(hostKey, host);
    this.#cells.put(nameKey, name);
    this.#report(alert, kind, nowMs, sighting);
    this.#cells.put(key, kind);
    return { alert, opened: spreading === undefined };
  }

  #report(
    alert: AlertCell,
    kind: KindCell,
    nowMs: number,
    { detail, rule, phase, presence }: Sighting,
  ): void {
    alert.count++;
    kind.reports = (kind.reports ?? 0) + 1;
    alert.lastMs = Math.max(alert.lastMs, nowMs);
    if (detail !== undefined) {
      const known = (alert.detail ??= detail);
      if (severities.indexOf(detail.severity) > severities.indexOf(known.severity)) {
        alert.detail = { ...known, severity: detail.severity };
      }
    }
    if (rule !== undefined && rule.score >= (alert.rule?.score ?? 0)) alert.rule = rule;
    if (phase !== undefined && kind.held !== true) {
      kind.held = true;
      alert.holding = (alert.holding ?? 0) + 1;
      delete alert.calmMs;
      if (phase === 'no-data') alert.noData = true;
    }
    if (presence === 'no-data') this.#cells.setSilence(kind.host, alert.id);
    this.#cells.putAlert(alert);
  }

  #count(totals: TotalsCell, host: HostCell, name: NameCell, kind: KindCell, nowMs: number): void {
    const { fadeMs } = this.#options;
    const surprise = surpriseOf(totals.repeats, totals.episodes, kind.episodes);
    addHeat(host.heat, surprise, nowMs, fadeMs);
    addHeat(totals.heat, surprise, nowMs, fadeMs);
    countRepeat(totals.repeats, kind.episodes);
    if (kind.episodes === 0) {
      totals.kinds++;
      host.kinds++;
    }
    if (host.episodes === 0) totals.hosts++;
    if (name.episodes === 0) totals.names++;
    totals.nowMs = nowMs;
    for (const cell of [totals, host, name, kind]) cell.episodes++;
    for (const cell of [host, name, kind]) cell.lastMs = nowMs;
    kind.openedMs = nowMs;
    countDay(kind, nowMs);
  }

  /** Fixes the heat of alerts that opened longer than `settleMs` before `nowMs`. */
  #settle(nowMs: number): void {
    for (let alert = this.#settling[this.#settlingFrom]; alert; alert = this.#settling[this.#settlingFrom]) {
      if (nowMs - alert.openedMs <= this.#options.settleMs) break;
      this.#settlingFrom++;
      if (alert.open === undefined) continue;
      fixHeat(this.#cells, alert);
      this.#settled.push(alert);
    }
    if (this.#settlingFrom * 2 < this.#settling.length) return;
    this.#settling = this.#settling.slice(this.#settlingFrom);
    this.#settlingFrom = 0;
  }
}
