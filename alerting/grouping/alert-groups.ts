import { severityRank } from '../../contracts/alert.ts';
import { severities } from '../../contracts/event.ts';
import type { AlertFacts } from '../scorer.ts';
import type { Sighting, SightingDetail } from '../sighting.ts';
import type {
  AlertCell,
  AlertHistory,
  Cell,
  Cells,
  HostCell,
  KindCell,
  NameCell,
  TotalsCell,
} from './cells.ts';
import { type CellKeys, alertIdOf, createCellKeys } from './cell-keys.ts';
import { addHeat, createHeat, heatAt } from './heat.ts';
import type { GroupingOptions } from './options.ts';
import { countRepeat, surpriseOf } from './repeats.ts';

/** What one report came to. */
export interface Grouped {
  readonly alert: AlertCell;
  /** The report opened the alert. */
  readonly opened: boolean;
}

/** The name or host that takes what is beyond a limit. */
const beyondLimit = '(others)';

/**
 * Folds one tenant's reports into alerts and keeps what their scores are computed from. A kind is a name on a host;
 * its reports form episodes, which end after a gap that grows with the kind's history. An episode is an alert, but
 * for one whose name opened on another host a moment ago: it joins that alert, so trouble that comes over many hosts
 * at once is one alert. O(1) a report; the state is in `cells` alone and bounded by the limits of the options.
 *
 * Deterministic in the order of reports, whatever the batches and restarts between them. A report that is older than
 * the newest counts as of that one's time, so late ones change no history.
 */
export class AlertGroups {
  readonly #tenantId: string;
  readonly #cells: Cells;
  readonly #options: GroupingOptions;
  readonly #keys: CellKeys;
  /** Alerts that have not settled, oldest first. */
  #settling: AlertCell[] = [];
  #settlingFrom = 0;
  #settled: AlertCell[] = [];

  /** `known`: the entries of `cells` that may be this tenant's, where the caller can tell. */
  constructor(
    tenantId: string,
    cells: Cells,
    options: GroupingOptions,
    known: Iterable<readonly [string, Cell]> = cells.entries(),
  ) {
    this.#tenantId = tenantId;
    this.#cells = cells;
    this.#options = options;
    this.#keys = createCellKeys(tenantId);
    for (const [key, cell] of known) {
      if (cell.cell === 'alert' && cell.open !== undefined && key.startsWith(this.#keys.prefix))
        this.#settling.push(cell);
    }
    this.#settling.sort((a, b) => a.ordinal - b.ordinal);
  }

  observe(sighting: Sighting): Grouped {
    const totals = this.#totals();
    const nowMs = Math.max(totals.nowMs, sighting.timeMs);
    const { host, name } = this.#bounded(sighting, totals);
    const key = this.#keys.kind(host, name);
    const kind = this.#kind(key, host, name);
    const live = this.#liveAlert(kind, nowMs);
    if (live === undefined) return this.#open(totals, kind, key, nowMs, sighting.detail);
    kind.lastMs = Math.max(kind.lastMs, nowMs);
    this.#cells.put(key, kind);
    this.#report(live, nowMs, sighting.detail);
    return { alert: live, opened: false };
  }

  /** The facts as of now: an alert that has not settled may yet gain heat. */
  factsOf(alert: AlertCell): AlertFacts {
    const { here, elsewhere } = this.#heatOf(alert);
    const { history, detail, count, hosts, lastMs, openedMs } = alert;
    const heat = { heatHere: here, heatElsewhere: elsewhere };
    const severity = detail === undefined ? 0 : severityRank(detail.severity);
    return { ...history, ...heat, severity, count, hosts, spanMs: lastMs - openedMs };
  }

  /** Alerts whose facts became final since the last call without a report of their own, in the order they opened. */
  takeSettled(): readonly AlertCell[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }

  /**
   * Forgets what ended, and what was not reported for long; returns the alerts that ended, in the order they opened.
   * Called every minute or so; `known` as the constructor's.
   */
  expire(
    nowMs: number,
    known: Iterable<readonly [string, Cell]> = this.#cells.entries(),
  ): readonly AlertCell[] {
    this.#settle(nowMs);
    const ended: AlertCell[] = [];
    const totals = this.#totals();
    for (const [key, cell] of known) {
      if (cell.cell === 'totals' || !key.startsWith(this.#keys.prefix)) continue;
      const idleMs = nowMs - cell.lastMs;
      if (cell.cell === 'alert') {
        if (idleMs <= this.#options.maxGapMs) continue;
        ended.push(cell);
      } else {
        if (idleMs <= this.#options.forgetMs) continue;
        this.#uncount(cell, totals);
      }
      this.#cells.delete(key);
    }
    if (ended.length > 0) this.#cells.put(this.#keys.totals, totals);
    return ended.sort((a, b) => a.ordinal - b.ordinal);
  }

  #liveAlert(kind: KindCell, nowMs: number): AlertCell | undefined {
    if (kind.episodes === 0) return undefined;
    const { gapMs, maxGapMs, maxSpanMs } = this.#options;
    const longestMs = Math.min(maxGapMs, gapMs * kind.episodes);
    if (nowMs - kind.lastMs > longestMs || nowMs - kind.openedMs > maxSpanMs) return undefined;
    return this.#alert(kind.alert);
  }

  #open(
    totals: TotalsCell,
    kind: KindCell,
    kindKey: string,
    nowMs: number,
    detail: SightingDetail | undefined,
  ): Grouped {
    this.#settle(nowMs);
    const hostKey = this.#keys.host(kind.host);
    const nameKey = this.#keys.name(kind.name);
    const host = this.#host(hostKey);
    const name = this.#name(nameKey);
    const history = historyOf(totals, kind, name, host);
    const { fadeMs, spreadMs } = this.#options;
    const here = heatAt(host.heat, nowMs, fadeMs);
    const all = heatAt(totals.heat, nowMs, fadeMs);
    this.#count(totals, host, name, kind, nowMs);
    const spreading = nowMs - name.alertOpenedMs <= spreadMs ? this.#alert(name.alert) : undefined;
    const alert = spreading ?? {
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
    }
    this.#cells.put(this.#keys.totals, totals);
    this.#cells.put(hostKey, host);
    this.#cells.put(nameKey, name);
    this.#cells.put(kindKey, kind);
    this.#report(alert, nowMs, detail);
    return { alert, opened: spreading === undefined };
  }

  #report(alert: AlertCell, nowMs: number, detail: SightingDetail | undefined): void {
    alert.count++;
    alert.lastMs = Math.max(alert.lastMs, nowMs);
    if (detail !== undefined) {
      const known = (alert.detail ??= detail);
      if (severities.indexOf(detail.severity) > severities.indexOf(known.severity)) {
        alert.detail = { ...known, severity: detail.severity };
      }
    }
    this.#putAlert(alert);
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
  }

  /** Fixes the heat of alerts that opened longer than `settleMs` before `nowMs`. */
  #settle(nowMs: number): void {
    for (let alert = this.#settling[this.#settlingFrom]; alert; alert = this.#settling[this.#settlingFrom]) {
      if (nowMs - alert.openedMs <= this.#options.settleMs) break;
      const { here, elsewhere } = this.#heatOf(alert);
      alert.heatHere = here;
      alert.heatElsewhere = elsewhere;
      delete alert.open;
      this.#putAlert(alert);
      this.#settled.push(alert);
      this.#settlingFrom++;
    }
    if (this.#settlingFrom * 2 < this.#settling.length) return;
    this.#settling = this.#settling.slice(this.#settlingFrom);
    this.#settlingFrom = 0;
  }

  /** What came since it opened has faded by nothing worth counting, so the unfaded totals serve. */
  #heatOf(alert: AlertCell): { readonly here: number; readonly elsewhere: number } {
    const { open, heatHere, heatElsewhere } = alert;
    if (open === undefined) return { here: heatHere, elsewhere: heatElsewhere };
    const here = this.#host(this.#keys.host(alert.host)).heat.total - open.here;
    const all = this.#totals().heat.total - open.all;
    return { here: heatHere + here, elsewhere: heatElsewhere + Math.max(0, all - here) };
  }

  #bounded({ host, name }: Sighting, totals: TotalsCell): { readonly host: string; readonly name: string } {
    const { maxHosts, maxNames, maxKindsPerHost } = this.#options;
    const hostCell = this.#cells.get(this.#keys.host(host));
    if (hostCell === undefined && totals.hosts >= maxHosts) return { host: beyondLimit, name };
    if (this.#cells.get(this.#keys.kind(host, name)) !== undefined) return { host, name };
    const many = hostCell?.cell === 'host' && hostCell.kinds >= maxKindsPerHost;
    const unknown = this.#cells.get(this.#keys.name(name)) === undefined;
    return many || (unknown && totals.names >= maxNames) ? { host, name: beyondLimit } : { host, name };
  }

  #uncount(cell: KindCell | NameCell | HostCell, totals: TotalsCell): void {
    if (cell.cell === 'kind') totals.kinds--;
    else if (cell.cell === 'name') totals.names--;
    else totals.hosts--;
  }

  #putAlert(alert: AlertCell): void {
    this.#cells.put(this.#keys.alert(alert.id), alert);
  }

  #alert(id: string): AlertCell | undefined {
    const cell = this.#cells.get(this.#keys.alert(id));
    return cell?.cell === 'alert' ? cell : undefined;
  }

  #totals(): TotalsCell {
    const cell = this.#cells.get(this.#keys.totals);
    if (cell?.cell === 'totals') return cell;
    const counts = { episodes: 0, kinds: 0, hosts: 0, names: 0, nowMs: 0 };
    return { cell: 'totals', ...counts, heat: createHeat(), repeats: [] };
  }

  #host(key: string): HostCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'host') return cell;
    return { cell: 'host', episodes: 0, kinds: 0, lastMs: 0, heat: createHeat() };
  }

  #name(key: string): NameCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'name') return cell;
    return { cell: 'name', episodes: 0, lastMs: 0, alert: '', alertOpenedMs: Number.NEGATIVE_INFINITY };
  }

  #kind(key: string, host: string, name: string): KindCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'kind') return cell;
    return { cell: 'kind', name, host, episodes: 0, alert: '', openedMs: 0, lastMs: 0 };
  }
}

/** What is known before an episode counts. */
function historyOf(totals: TotalsCell, kind: KindCell, name: NameCell, host: HostCell): AlertHistory {
  const { episodes, kinds } = totals;
  const counts = { ofKind: kind.episodes, ofName: name.episodes, ofHost: host.episodes };
  return { episodes, kinds, ...counts };
}
