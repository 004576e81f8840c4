import type { Sighting } from '../sighting.ts';
import type {
  AlertCell,
  Cell,
  Cells,
  HostCell,
  IncidentCell,
  KindCell,
  NameCell,
  SiteCell,
  TotalsCell,
  Under,
} from './cells.ts';
import { type CellKeys, createCellKeys } from './cell-keys.ts';
import { createHeat } from './heat.ts';
import type { GroupingOptions } from './options.ts';

/** The name or host that takes what is beyond a limit. */
const beyondLimit = '(others)';
const noOrganization = '';

/**
 * One tenant's cells, each made where it is missing. What was got and changed is put again. Alerts are also found by
 * the host that they opened on.
 */
export class TenantCells {
  readonly keys: CellKeys;
  readonly #cells: Cells;
  readonly #alertsByHost = new Map<string, Map<string, AlertCell>>();
  readonly #openByOrganization = new Map<string, number>();

  /** `known`: entries of `cells` among which this tenant's are. */
  constructor(tenantId: string, cells: Cells, known: Iterable<readonly [string, Cell]>) {
    this.keys = createCellKeys(tenantId);
    this.#cells = cells;
    for (const [key, cell] of known) {
      if (cell.cell === 'alert' && key.startsWith(this.keys.prefix)) this.#index(cell);
    }
  }

  /** Alerts that did not end, in the order they opened. */
  alerts(): readonly AlertCell[] {
    return [...this.#alertsByHost.values()].flatMap((of) => [...of.values()]).sort(byOrdinal);
  }

  alertsOf(host: string): readonly AlertCell[] {
    return [...(this.#alertsByHost.get(host)?.values() ?? [])].sort(byOrdinal);
  }

  has(key: string): boolean {
    return this.#cells.get(key) !== undefined;
  }

  put(key: string, cell: Exclude<Cell, AlertCell>): void {
    this.#cells.put(key, cell);
  }

  delete(key: string): void {
    this.#cells.delete(key);
  }

  putAlert(alert: AlertCell): void {
    this.#cells.put(this.keys.alert(alert.id), alert);
    this.#index(alert);
  }

  deleteAlert(alert: AlertCell): void {
    this.#cells.delete(this.keys.alert(alert.id));
    const of = this.#alertsByHost.get(alert.host);
    if (of?.delete(alert.id) === true) this.#countOpen(alert, -1);
    if (of?.size === 0) this.#alertsByHost.delete(alert.host);
  }

  alert(id: string): AlertCell | undefined {
    const cell = this.#cells.get(this.keys.alert(id));
    return cell?.cell === 'alert' ? cell : undefined;
  }

  incident(id: string): IncidentCell | undefined {
    const cell = this.#cells.get(this.keys.incident(id));
    return cell?.cell === 'incident' ? cell : undefined;
  }

  totals(): TotalsCell {
    const cell = this.#cells.get(this.keys.totals);
    if (cell?.cell === 'totals') return cell;
    const counts = { episodes: 0, kinds: 0, hosts: 0, names: 0, nowMs: 0 };
    return { cell: 'totals', ...counts, heat: createHeat(), repeats: [] };
  }

  host(key: string): HostCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'host') return cell;
    return { cell: 'host', episodes: 0, kinds: 0, lastMs: 0, heat: createHeat() };
  }

  site(organizationId: string): SiteCell {
    const cell = this.#cells.get(this.keys.site(organizationId));
    if (cell?.cell === 'site') return cell;
    return { cell: 'site', lastMs: 0, parts: {}, away: {}, silences: [] };
  }

  /** The alert of a kind that lasts. */
  lasting({ host, name }: Under): AlertCell | undefined {
    const kind = this.#cells.get(this.keys.kind(host, name));
    return kind?.cell === 'kind' && kind.held === true ? this.alert(kind.alert) : undefined;
  }

  /** The alert that says that a host gives no sign of life. */
  setSilence(host: string, alertId: string): void {
    const key = this.keys.host(host);
    const cell = this.host(key);
    cell.silence = alertId;
    this.put(key, cell);
  }

  name(key: string): NameCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'name') return cell;
    return { cell: 'name', episodes: 0, lastMs: 0, alert: '', alertOpenedMs: Number.NEGATIVE_INFINITY };
  }

  kind(key: string, host: string, name: string): KindCell {
    const cell = this.#cells.get(key);
    if (cell?.cell === 'kind') return cell;
    return { cell: 'kind', name, host, episodes: 0, alert: '', openedMs: 0, lastMs: 0 };
  }

  /** The sighting's host and name; what is beyond a limit shares one. */
  bounded(
    { host, name }: Sighting,
    options: GroupingOptions,
  ): { readonly host: string; readonly name: string } {
    const { maxHosts, maxNames, maxKindsPerHost } = options;
    const totals = this.totals();
    const hostKey = this.keys.host(host);
    if (!this.has(hostKey) && totals.hosts >= maxHosts) return { host: beyondLimit, name };
    if (this.has(this.keys.kind(host, name))) return { host, name };
    const many = this.host(hostKey).kinds >= maxKindsPerHost;
    const unknown = !this.has(this.keys.name(name));
    return many || (unknown && totals.names >= maxNames) ? { host, name: beyondLimit } : { host, name };
  }

  /**
   * Where an organization has too many alerts open for one more of this device: the organization's host and name, which
   * take what events say then. Null where it may open one, and for what a rule finds, always.
   */
  crowdOf({ host, rule, detail }: Sighting, { maxOpen, apartByHost }: GroupingOptions): Under | null {
    const organizationId = detail?.organizationId ?? noOrganization;
    if (rule !== undefined || (this.#openByOrganization.get(organizationId) ?? 0) < maxOpen) return null;
    if ((this.#alertsByHost.get(host)?.size ?? 0) < apartByHost) return null;
    return { host: `${beyondLimit} of ${organizationId}`, name: beyondLimit };
  }

  #index(alert: AlertCell): void {
    let of = this.#alertsByHost.get(alert.host);
    if (of === undefined) this.#alertsByHost.set(alert.host, (of = new Map<string, AlertCell>()));
    if (!of.has(alert.id)) this.#countOpen(alert, 1);
    of.set(alert.id, alert);
  }

  /** An alert has its detail when it opens, or never. */
  #countOpen({ detail }: AlertCell, by: 1 | -1): void {
    const organizationId = detail?.organizationId ?? noOrganization;
    this.#openByOrganization.set(organizationId, (this.#openByOrganization.get(organizationId) ?? 0) + by);
  }
}

/** A report as the alert of all that an organization has no alert of its own for takes it: of no device. */
export function asOfCrowd(sighting: Sighting, { maxOpen }: GroupingOptions): Sighting {
  const { detail } = sighting;
  if (detail === undefined) return sighting;
  const title = `More trouble, counted together: ${maxOpen} alerts and more are open`;
  return { ...sighting, detail: { ...detail, title, deviceId: null } };
}

/** What it says of the present is not known otherwise: it is not forgotten. */
export function isNeeded(cell: KindCell | NameCell | HostCell): boolean {
  if (cell.cell === 'host') return cell.presence !== undefined || cell.under !== undefined;
  return cell.cell === 'kind' && cell.held === true;
}

/** Takes a forgotten cell out of the totals. */
export function uncount(cell: KindCell | NameCell | HostCell, totals: TotalsCell): void {
  // A host of which no alert told was not counted.
  if (cell.episodes === 0) return;
  if (cell.cell === 'kind') totals.kinds--;
  else if (cell.cell === 'name') totals.names--;
  else totals.hosts--;
}

function byOrdinal(a: AlertCell, b: AlertCell): number {
  return a.ordinal - b.ordinal;
}
