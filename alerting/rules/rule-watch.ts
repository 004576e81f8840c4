import type { KeyedState } from '../../streams/keyed-state.ts';
import type { RuleSet } from '../rule-book.ts';
import { type CompiledRule, compileRules } from './compiled-rules.ts';
import type { DetectionCell, KeptSeries, SiteCell } from './kept-series.ts';
import type { Sighting } from '../sighting.ts';
import type { Observation } from './series.ts';
import { SeriesStore } from './series-store.ts';
import { type SitesTold, SiteWatch } from '../sites/site-watch.ts';
import { placeDevice } from '../sites/watched-site.ts';
import { StreamTime } from '../../streams/stream-time.ts';
import type { WatchedEvent } from './watched-event.ts';
import {
  appliesTo,
  createDevice,
  type LiveSeries,
  type WatchedDevice,
  type WatchedTenant,
} from './watched-device.ts';
import { type WatchLimits, watchLimits } from './watch-limits.ts';

export interface RuleWatchDeps {
  readonly cells: KeyedState<DetectionCell>;
  /** Called while events are observed and time goes on, in that order. */
  readonly found: (tenantId: string, sighting: Sighting) => void;
  /** Called where the silence of sites changed, once a second at most for each tenant and rule. */
  readonly sitesChanged?: (told: SitesTold) => void;
  readonly limits?: WatchLimits;
}

const judgeEveryMs = 1_000;
const timeKey = '$time';
const oftenMet = 16;

/**
 * Runs the rules of all tenants over the events of one partition. Costs O(1) for an event that no rule looks at, and
 * what it may cost is bounded by the number of devices, not by how much they send: see `WatchLimits`. State is in
 * `cells` alone: after a restart it goes on from the last commit, but for what is learned of metrics and logs, which
 * is saved every so often and may lose that much of its counting.
 */
export class RuleWatch {
  readonly #cells: KeyedState<DetectionCell>;
  readonly #limits: WatchLimits;
  readonly #store: SeriesStore;
  readonly #sites: SiteWatch;
  readonly #sitesChanged: (told: SitesTold) => void;
  readonly #tenants = new Map<string, WatchedTenant>();
  #rules: RuleSet | undefined;
  #time = new StreamTime();
  #judgedMs = 0;

  constructor({ cells, found, sitesChanged = () => {}, limits = watchLimits }: RuleWatchDeps) {
    this.#cells = cells;
    this.#sites = new SiteWatch(cells);
    this.#sitesChanged = sitesChanged;
    this.#limits = limits;
    this.#store = new SeriesStore(cells, limits, found, () => this.wallMs);
  }

  /** Called before the first event and whenever rules may have changed; the same object again costs nothing. */
  useRules(rules: RuleSet): void {
    if (this.#rules === rules) return;
    const first = this.#rules === undefined;
    this.#rules = rules;
    if (first) this.#takeUp();
    for (const tenant of this.#tenants.values()) {
      tenant.rules = compileRules(rules.rulesOf(tenant.tenantId));
      this.#store.retire(tenant);
    }
  }

  tenant(tenantId: string): WatchedTenant {
    let tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) {
      const rules = compileRules(this.#rules?.rulesOf(tenantId) ?? []);
      const none = { devices: new Map(), sites: new Map(), forms: new Map(), linesLeft: 0, lineSecond: 0 };
      tenant = { tenantId, rules, ...none };
      this.#tenants.set(tenantId, tenant);
    }
    return tenant;
  }

  /** The tenants whose events came since the start, or are remembered. */
  tenantIds(): Iterable<string> {
    return this.#tenants.keys();
  }

  /** The newest acceptance time, or the clock while nothing came. */
  get wallMs(): number {
    return Math.max(0, this.#time.state.wallMs);
  }

  /** Time of the stream, from acceptance times, or from the clock while nothing comes. */
  see(wallMs: number): void {
    this.#time.see(wallMs);
  }

  /** A sign of life of a device. True where the device has to be known by a parsed event first. */
  meet(tenant: WatchedTenant, deviceId: string): boolean {
    const device = tenant.devices.get(deviceId);
    if (device === undefined) return tenant.devices.size < this.#limits.devices;
    this.#see(device);
    return false;
  }

  #see(device: WatchedDevice): void {
    const { nowMs } = this.#time;
    this.#sites.heard(device, nowMs);
    device.seenMs = nowMs;
    device.seen = true;
  }

  /** Whether a measuring event of this device, told apart by `what`, is to be looked at. */
  measures(tenant: WatchedTenant, deviceId: string, what: number, timeMs: number): boolean {
    if (tenant.rules.byMetric.size === 0) return false;
    const device = tenant.devices.get(deviceId);
    if (device === undefined) return false;
    const lastMs = device.measuredAtMs.get(what);
    if (lastMs !== undefined && Math.abs(timeMs - lastMs) < this.#limits.measureEveryMs) return false;
    if (lastMs === undefined && device.measuredAtMs.size >= this.#limits.seriesPerDevice) return false;
    device.measuredAtMs.set(what, timeMs);
    return true;
  }

  /**
   * Whether a line of the tenant's logs is to be looked at. Of a form that was met often every eighth line is: what is
   * usual and what is a burst of it stand in the same proportion then.
   */
  reads(tenant: WatchedTenant, form: number): boolean {
    const met = (tenant.forms.get(form) ?? 0) + 1;
    if (met === 1 && tenant.forms.size >= this.#limits.forms) tenant.forms.clear();
    tenant.forms.set(form, met);
    if (met > oftenMet && met % 8 !== 0) return false;
    const second = Math.floor(this.#time.nowMs / 1000);
    if (tenant.lineSecond !== second) {
      tenant.lineSecond = second;
      tenant.linesLeft = this.#limits.linesPerSecond;
    }
    return tenant.linesLeft-- > 0;
  }

  /** Takes an event that was to be looked at. Never throws for what a device can send. */
  observe(tenant: WatchedTenant, event: WatchedEvent): void {
    const device = this.#deviceOf(tenant, event);
    if (device === null) return;
    const base = { timeMs: event.timeMs, value: Number.NaN, message: '', fields: event.fields };
    for (const rule of tenant.rules.byType.get(event.eventType) ?? []) {
      const { timeMs } = rule.rule.detect.kind === 'absence' ? { timeMs: this.#time.nowMs } : event;
      this.#give(tenant, device, rule, '', { ...base, timeMs });
    }
    for (const { metric, labels, value } of event.samples()) {
      for (const rule of tenant.rules.byMetric.get(metric) ?? []) {
        this.#give(tenant, device, rule, labels, { ...base, value });
      }
    }
    const line = tenant.rules.onLogs.length === 0 ? null : event.line();
    if (line === null) return;
    for (const rule of tenant.rules.onLogs) {
      this.#give(tenant, device, rule, line.logger, { ...base, message: line.message });
    }
  }

  /** Judges what is missing: called after each batch and while nothing comes. */
  advance(): void {
    const { nowMs } = this.#time;
    if (nowMs - this.#judgedMs < judgeEveryMs) return;
    this.#judgedMs = nowMs;
    for (const tenant of this.#tenants.values()) this.#judge(tenant, nowMs);
    for (const told of this.#sites.judge([...this.#tenants.values()], nowMs, this.wallMs))
      this.#sitesChanged(told);
    this.#cells.put(timeKey, { time: this.#time.state });
  }

  #judge(tenant: WatchedTenant, nowMs: number): void {
    const rules = [...tenant.rules.all.values()];
    const absences = rules
      .filter(({ rule }) => rule.detect.kind === 'absence')
      .map(({ rule }) => rule.ruleId);
    for (const device of tenant.devices.values()) {
      for (const rule of tenant.rules.onSilence) {
        if (device.seenMs > 0 && appliesTo(rule, device)) this.#judgeSilence(tenant, device, rule);
      }
      device.seen = false;
      for (const ruleId of absences) {
        for (const live of device.series.get(ruleId)?.values() ?? []) this.#store.check(live, nowMs);
      }
      if (nowMs - device.seenMs > this.#limits.forgetMs) this.#store.forget(tenant, device);
    }
  }

  #judgeSilence(tenant: WatchedTenant, device: WatchedDevice, rule: CompiledRule): void {
    if (!device.seen) return;
    const live = this.#store.open(tenant, device, rule, '');
    if (live === null) return;
    const timeMs = device.seenMs;
    this.#store.give(live, { timeMs, value: Number.NaN, message: '', fields: {} });
  }

  #give(
    tenant: WatchedTenant,
    device: WatchedDevice,
    rule: CompiledRule,
    name: string,
    observation: Observation,
  ): void {
    if (!appliesTo(rule, device)) return;
    const live: LiveSeries | null = this.#store.open(tenant, device, rule, name);
    if (live !== null) this.#store.give(live, observation);
  }

  #deviceOf(tenant: WatchedTenant, event: WatchedEvent): WatchedDevice | null {
    let device = tenant.devices.get(event.deviceId);
    if (device === undefined) {
      if (tenant.devices.size >= this.#limits.devices) return null;
      tenant.devices.set(event.deviceId, (device = createDevice(event.deviceId)));
      if (event.alive) this.#see(device);
    }
    device.hostname = event.hostname ?? device.hostname;
    device.organizationId = event.organizationId ?? device.organizationId;
    device.workstation = event.workstation ?? device.workstation;
    if (event.alive) placeDevice(tenant, device, event.organizationName);
    return device;
  }

  /** Takes up what was restored: devices by their series, and the time. */
  #takeUp(): void {
    const cells: [string, KeptSeries][] = [];
    const sites: SiteCell[] = [];
    for (const [key, cell] of this.#cells.entries()) {
      if ('time' in cell) this.#time = new StreamTime(cell.time);
      else if ('series' in cell) cells.push([key, cell]);
      else sites.push(cell);
    }
    const { nowMs } = this.#time;
    for (const [key, cell] of cells) this.#store.takeUp(this.tenant(cell.owner.tenantId), key, cell, nowMs);
    for (const cell of sites) {
      const { tenantId } = 'away' in cell ? cell.away : cell.habits;
      this.#sites.takeUp(this.tenant(tenantId), cell, nowMs);
    }
    this.#judgedMs = nowMs;
  }
}
